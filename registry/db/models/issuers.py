"""Token issuers of others that an environment's gateways trust beside our own."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, Revised


class TrustedIssuer(Revised, Base):
    """An issuer as gateways get it; `facts` are the members of `policies.snapshot.IssuerPlan`."""

    __tablename__ = "trusted_issuers"
    environment: Mapped[str] = mapped_column(ForeignKey("environments.name"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]]
