"""Agents: who may answer for a site, and when they were there."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, new_id


class Agent(Base):
    """A process beside systems on premises; its token is kept as a hash."""

    __tablename__ = "agents"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    site: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
