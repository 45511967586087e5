"""Alerts: what was wrong, and who has been told."""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, BigId


class Alert(Base):
    """A trouble as one channel is told of it: once when it comes, once when it is over."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("rule", "subject", "channel"),)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule: Mapped[str]
    subject: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str]  # firing | resolved
    told: Mapped[str]  # the state that the channel knows of; empty for none
    sentence: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
    attempts: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
