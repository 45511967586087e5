"""What workers share about the systems that they call."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base


class SystemGate(Base):
    """The turns of one class of a system's operations; that of `all` also holds the pause."""

    __tablename__ = "system_gates"
    system: Mapped[str] = mapped_column(primary_key=True)  # by its name in the systems file
    kind: Mapped[str] = mapped_column(primary_key=True)  # all | read | write
    next_at: Mapped[datetime]  # when the next turn that nobody has reserved is due
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text)
