"""Stored reports, and the waivers that people were given for findings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, BigId, new_id


class ReportRow(Base):
    """A judgement under the digest of its question, so that a question asked again is answered.

    `publication` names the version that was published on this report; such a report is kept.
    """

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_contract_seq", "contract", "seq"),)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # compatibility | diff | lint
    contract: Mapped[str] = mapped_column(ForeignKey("contracts.id"))
    old_version: Mapped[str | None]
    old_digest: Mapped[str | None]
    new_version: Mapped[str]
    new_digest: Mapped[str]
    publication: Mapped[str | None]
    engine: Mapped[str]
    mode: Mapped[str | None]
    profile: Mapped[str | None]
    policy: Mapped[str | None]
    consumer: Mapped[str | None]
    ruleset: Mapped[str | None]
    verdict: Mapped[str]
    judged_on: Mapped[date]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class WaiverRow(Base):
    """A finding that may stand until a day: asked for by one, approved by another."""

    __tablename__ = "waivers"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    contract: Mapped[str] = mapped_column(ForeignKey("contracts.id"), index=True)
    rule: Mapped[str]
    pointer: Mapped[str] = mapped_column(Text)
    operation: Mapped[str] = mapped_column(Text)
    consumer: Mapped[str | None] = mapped_column(ForeignKey("applications.id"))
    reason: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(ForeignKey("teams.name"))
    expires: Mapped[date]
    state: Mapped[str]  # requested | approved | revoked
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
