"""What happened: the audit chain and the outbox, written with the change itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, BigId, new_id


class AuditEntry(Base):
    """One act. `hash` covers the entry and the hash before it, so a changed row shows."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str]
    hash: Mapped[str]


class OutboxEvent(Base):
    """An event for others, committed together with the change that it tells of."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_published_at_seq", "published_at", "seq"),)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    type: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    published_at: Mapped[datetime | None]
