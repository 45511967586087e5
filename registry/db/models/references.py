"""Cross references: what a thing of the business is called in each system."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base


class CrossReference(Base):
    """One system's id of a thing; rows of one `canonical` id stand for the same thing."""

    __tablename__ = "cross_references"
    __table_args__ = (Index("ix_cross_references_entity_canonical", "entity", "canonical"),)
    entity: Mapped[str] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)  # a contract id
    external_id: Mapped[str] = mapped_column(primary_key=True)
    canonical: Mapped[str]
    run: Mapped[str]  # the run that told it
    at: Mapped[datetime]
