"""Flows at work: definitions, events that came in, runs, exceptions, facts, and who works on them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, BigId, new_id
from registry.db.sealing import Sealed


class FlowDefinition(Base):
    """A flow with its mappings, by the digest of its content; never changed, so runs can rely on it."""

    __tablename__ = "flow_definitions"
    digest: Mapped[str] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    content: Mapped[dict[str, Any]]
    deployed_at: Mapped[datetime]
    live: Mapped[bool]  # new runs begin with it


class InboxEvent(Base):
    """An event that was accepted, once per (source, id), whatever becomes of it."""

    __tablename__ = "flow_inbox"
    source: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(Sealed)
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    runs: Mapped[int]  # how many flows it started; none is an event that nobody waits for
    forgotten_at: Mapped[datetime | None]  # when its data were forgotten


class Run(Base):
    """One run of a flow for a business key. The journal is what it has come to between legs."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("flow", "source", "event_id"),
        Index("ix_runs_state_resume_at", "state", "resume_at"),
        Index("ix_runs_flow_business_key", "flow", "business_key"),
    )
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    flow: Mapped[str]
    version: Mapped[str]
    digest: Mapped[str]
    business_key: Mapped[str]
    revision: Mapped[str] = mapped_column(
        default=""
    )  # of the key's state, where the flow names one
    source: Mapped[str]
    event_id: Mapped[str]
    event: Mapped[dict[str, Any]] = mapped_column(Sealed)
    state: Mapped[str]  # waiting | running | done | exception | superseded | discarded
    leg: Mapped[int] = mapped_column(default=0)
    journal: Mapped[dict[str, Any]] = mapped_column(Sealed)
    signal: Mapped[str] = mapped_column(default="")
    step: Mapped[str] = mapped_column(Text, default="")
    worker: Mapped[str] = mapped_column(default="")
    resume_at: Mapped[datetime]
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]  # when event and journal were forgotten


class FlowException(Base):
    """Why runs of one business key cannot go on: one open row per (flow, key, cause)."""

    __tablename__ = "flow_exceptions"
    __table_args__ = (
        Index("ix_flow_exceptions_state_due_at", "state", "due_at"),
        Index("ix_flow_exceptions_cause_state", "cause", "state"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    flow: Mapped[str]
    business_key: Mapped[str]
    run: Mapped[str] = mapped_column(index=True)
    step: Mapped[str] = mapped_column(Text)
    category: Mapped[str]
    sentence: Mapped[str] = mapped_column(Text)
    owner: Mapped[str]
    due_at: Mapped[datetime]
    amount: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(default="")
    state: Mapped[str]  # open | retrying | resolved | skipped | discarded
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    history: Mapped[list[Any]]
    # What a person has asked for, until a worker has done it: act, by, reason, value.
    wish: Mapped[dict[str, Any] | None] = mapped_column(Sealed)
    cause: Mapped[str] = mapped_column(default="", server_default="")  # alike for exceptions alike
    # What a retry would send, as a worker has found it, and since when that is asked for.
    preview: Mapped[dict[str, Any] | None] = mapped_column(Sealed)
    preview_asked_at: Mapped[datetime | None] = mapped_column(index=True)


class Fact(Base):
    """Something that happened in the business, told by a run's step, once."""

    __tablename__ = "facts"
    __table_args__ = (Index("ix_facts_type_at", "type", "at"),)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    run: Mapped[str]
    flow: Mapped[str]


class Worker(Base):
    """A process that works on runs; one that is not seen for long has died."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Watermark(Base):
    """How far a source of events has been read."""

    __tablename__ = "watermarks"
    source: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str]
    read_at: Mapped[datetime]


class ExchangeFile(Base):
    """A file that came in, once per exchange and content; what it was answered stays answered."""

    __tablename__ = "exchange_files"
    exchange: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str]  # accepted | partly | refused
    rows: Mapped[int]
    rejected: Mapped[int]
    runs: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    answered: Mapped[bool]  # whether the file has been moved and its sender told
    times: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[datetime] = mapped_column(index=True)


class RelayDelivery(Base):
    """An event of the outbox on its way to one receiver."""

    __tablename__ = "relay_deliveries"
    __table_args__ = (
        UniqueConstraint("relay", "event"),
        Index("ix_relay_deliveries_relay_state_subject", "relay", "state", "subject"),
    )
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    relay: Mapped[str]
    event: Mapped[int] = mapped_column(BigId)
    subject: Mapped[str]
    state: Mapped[str]  # waiting | arrived | given_up
    attempts: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
