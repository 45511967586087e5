"""Contracts, their immutable versions, and the bytes behind them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, Revised


class ContractRow(Revised, Base):
    """One interface of a service."""

    __tablename__ = "contracts"
    id: Mapped[str] = mapped_column(primary_key=True)  # "psa.projects"
    service: Mapped[str] = mapped_column(ForeignKey("services.name"), index=True)
    name: Mapped[str]
    title: Mapped[str]
    format: Mapped[str]
    compatibility: Mapped[str]
    # Both came with 0002, beside a release that knows neither and leaves them out.
    profile: Mapped[str] = mapped_column(default="containment", server_default="containment")
    policy: Mapped[str | None]  # None: as the format has it


class Content(Base):
    """A text as it was published, under the digest of its canonical form."""

    __tablename__ = "contents"
    digest: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    text: Mapped[bytes] = mapped_column(LargeBinary)


class VersionRow(Base):
    """A published version. Its content never changes; its state does."""

    __tablename__ = "versions"
    __table_args__ = (Index("ix_versions_contract_sequence", "contract", "sequence", unique=True),)
    contract: Mapped[str] = mapped_column(ForeignKey("contracts.id"), primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    digest: Mapped[str] = mapped_column(ForeignKey("contents.digest"))
    state: Mapped[str]
    deprecated_at: Mapped[datetime | None]
    sunset_at: Mapped[datetime | None]
    successor: Mapped[str | None]
    report: Mapped[dict[str, Any] | None]
    baseline: Mapped[list[Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
