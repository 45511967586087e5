"""Applications and what they were granted; API tokens, links and sessions of people."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, Revised, new_id


class Application(Revised, Base):
    """A consumer; its id is the OAuth client id."""

    __tablename__ = "applications"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    team: Mapped[str] = mapped_column(ForeignKey("teams.name"), index=True)
    token_lifetime_seconds: Mapped[int]


class Credential(Base):
    """A secret of an application, hashed; only its prefix can be shown again."""

    __tablename__ = "credentials"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    application: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    kind: Mapped[str]  # client-secret | api-key
    digest: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Plan(Revised, Base):
    """Limits that a grant comes with."""

    __tablename__ = "plans"
    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    approval: Mapped[str]  # automatic | manual
    limits: Mapped[list[Any]]


class Grant(Base):
    """An application's permission for a contract in an environment."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_application_contract", "application", "contract", "environment"),
    )
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    application: Mapped[str] = mapped_column(ForeignKey("applications.id"))
    contract: Mapped[str] = mapped_column(ForeignKey("contracts.id"))
    plan: Mapped[str] = mapped_column(ForeignKey("plans.name"))
    environment: Mapped[str] = mapped_column(ForeignKey("environments.name"))
    scopes: Mapped[list[str]]
    state: Mapped[str]  # requested | approved | denied | revoked
    expires_at: Mapped[datetime | None]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    version: Mapped[str | None]  # what an unversioned base path means for the application


class ApiToken(Base):
    """A token for the registry's API, hashed."""

    __tablename__ = "api_tokens"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    digest: Mapped[str]
    role: Mapped[str]
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.name"))
    permissions: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LoginLink(Base):
    """A link that signs a person in once."""

    __tablename__ = "login_links"
    digest: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginSession(Base):
    """A signed-in browser."""

    __tablename__ = "sessions"
    digest: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]


class SigningKey(Base):
    """A key of the token issuer; the private half is sealed with the data folder's key file."""

    __tablename__ = "signing_keys"
    kid: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)
    public: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class IssuedToken(Base):
    """An access token by its id, so that it can be revoked and introspected."""

    __tablename__ = "issued_tokens"
    jti: Mapped[str] = mapped_column(primary_key=True)
    application: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
