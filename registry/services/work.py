"""What a use case is given: a transaction, an actor, the time, and the issuer's facts."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from contracts import catalog
from contracts.errors import TreatyError
from registry.db.models import AuditEntry, OutboxEvent
from registry.db.orm import Base
from registry.permissions import TEAMLESS, Permission

Row = TypeVar("Row", bound=Base)
GENESIS = "0" * 64
# Any constant will do; it only has to be the same in every process.
_AUDIT_LOCK = 7_265_771


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person or a token, with permissions, for teams."""

    kind: str  # person | token
    id: str
    name: str
    role: str
    permissions: frozenset[Permission]
    teams: frozenset[str]

    @property
    def label(self) -> str:
        """The actor as the audit log names it."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class IssuerFacts:
    """How the token issuer names itself, and whom its tokens are for."""

    issuer: str
    audience: str


@dataclass(slots=True)
class Work:
    """One unit of work. Returning commits, raising rolls back (`registry.deps`)."""

    session: Session
    actor: Actor
    issuer: IssuerFacts
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def now(self) -> datetime:
        """Return the time, aware and in UTC."""
        return self.clock()

    def require(self, permission: Permission, team: str | None = None) -> None:
        """Raise `TreatyError` (forbidden) where the actor lacks the permission, or the team."""
        if permission not in self.actor.permissions:
            raise TreatyError(
                catalog.FORBIDDEN,
                f"{self.actor.role} {self.actor.name!r} lacks the permission {permission}.",
                permission=permission.value,
            )
        if team is not None and self.actor.role not in TEAMLESS and team not in self.actor.teams:
            raise TreatyError(
                catalog.FORBIDDEN, f"{self.actor.name!r} does not act for the team {team!r}."
            )

    def get(self, table: type[Row], key: Any, what: str, *, lock: bool = False) -> Row:
        """Return a row by primary key, locked until the end of the transaction where asked.

        Raises `TreatyError` (not-found).
        """
        row = self.session.get(table, key, with_for_update=True if lock else None)
        if row is None:
            name = " ".join(key) if isinstance(key, tuple) else key
            raise TreatyError(catalog.NOT_FOUND, f"There is no {what} {name!r}.")
        return row

    def add_new(self, row: Row, key: Any, what: str) -> Row:
        """Add a row under a primary key that must be free. Raises `TreatyError` (already-exists)."""
        if self.session.get(type(row), key) is not None:
            raise TreatyError(catalog.ALREADY_EXISTS, f"The {what} {key!r} exists already.")
        self.session.add(row)
        self.session.flush()
        return row

    def record(self, action: str, subject: str, **detail: Any) -> None:
        """Append to the audit chain and the outbox, in this transaction."""
        session, at = self.session, self.now()
        if session.get_bind().dialect.name == "postgresql":
            # Two writers that read the same head would fork the chain.
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _AUDIT_LOCK})
        session.flush()
        head = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).first()
        seq, previous = (head.seq + 1, head.hash) if head else (1, GENESIS)
        entry = AuditEntry(
            seq=seq, at=at, actor=self.actor.label, action=action, object=subject,
            detail=detail, previous=previous, hash="",
        )  # fmt: skip
        entry.hash = entry_hash(entry)
        session.add(entry)
        session.add(OutboxEvent(type=action, subject=subject, data=detail, at=at))
        session.flush()


class Units(Protocol):
    """Opens units of work one after another, for the same actor."""

    def __call__(self, *, writes: bool = False) -> AbstractContextManager[Work]:
        """Return a unit of work; it commits where its block returns."""


def entry_hash(entry: AuditEntry) -> str:
    """Return the SHA-256 over the entry's facts and the hash before it."""
    facts = {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def count(session: Session, table: type[Base]) -> int:
    """Return how many rows a table has."""
    return session.scalar(select(func.count()).select_from(table)) or 0
