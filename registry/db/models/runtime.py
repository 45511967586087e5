"""Environments, what runs in them, and what gateways are told and tell."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, BigId, Revised, new_id


class Environment(Revised, Base):
    """Where contracts are deployed."""

    __tablename__ = "environments"
    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    production: Mapped[bool]


class Deployment(Base):
    """A version behind a base path of an environment's gateways."""

    __tablename__ = "deployments"
    __table_args__ = (
        UniqueConstraint("environment", "base_path", "contract", "version"),
        ForeignKeyConstraint(["contract", "version"], ["versions.contract", "versions.version"]),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    environment: Mapped[str] = mapped_column(ForeignKey("environments.name"))
    contract: Mapped[str]
    version: Mapped[str]
    upstream: Mapped[str] = mapped_column(Text)
    base_path: Mapped[str]
    timeout_seconds: Mapped[float]
    routing: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]


class PolicyFile(Revised, Base):
    """A policy file as written; it may hold several policies."""

    __tablename__ = "policies"
    name: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)


class SnapshotRow(Base):
    """A compiled snapshot; the one with the highest number is served."""

    __tablename__ = "snapshots"
    __table_args__ = (Index("ix_snapshots_environment_id", "environment", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    environment: Mapped[str] = mapped_column(ForeignKey("environments.name"))
    digest: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    warnings: Mapped[list[str]]
    created_at: Mapped[datetime]


class Gateway(Base):
    """A gateway by its own account: which snapshot it serves, and which one it refused."""

    __tablename__ = "gateways"
    name: Mapped[str] = mapped_column(primary_key=True)
    environment: Mapped[str]
    snapshot_digest: Mapped[str | None]
    since: Mapped[datetime | None]
    refused: Mapped[dict[str, Any] | None]
    seen_at: Mapped[datetime]


class LedgerBatch(Base):
    """A batch that arrived; the same one may be sent again."""

    __tablename__ = "ledger_batches"
    id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    received_at: Mapped[datetime]


class LedgerEntry(Base):
    """One call at a gateway: who, what, how it ended, and which rules decided."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_contract_id", "contract", "id"),
        Index("ix_ledger_application_id", "application", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch: Mapped[str] = mapped_column(ForeignKey("ledger_batches.id"))
    at: Mapped[datetime]
    request_id: Mapped[str]
    application: Mapped[str | None]
    contract: Mapped[str]
    version: Mapped[str]
    operation: Mapped[str]
    method: Mapped[str]
    status: Mapped[int]
    duration_ms: Mapped[float]
    count: Mapped[int] = mapped_column(default=1, server_default="1")
    decisions: Mapped[list[Any]]
