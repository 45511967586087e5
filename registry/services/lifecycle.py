"""Who is left: applications that still call versions and operations that are on their way out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from registry.db.models import (
    Application,
    ContractRow,
    LedgerEntry,
    Membership,
    Person,
    Team,
    VersionRow,
)
from registry.permissions import Permission
from registry.services.reading import contract_of
from registry.services.work import Work

MAX_CALLERS = 10_000
_MAX_CONTACTS = 10


@dataclass(frozen=True, slots=True)
class Left:
    """An application on one operation: how often, when last, and whom to talk to."""

    application: str | None
    name: str
    team: str
    contact: list[str]
    version: str
    operation: str
    calls: int
    last_call: datetime


def who_is_left(
    work: Work, contract: str, version: str | None, days: int
) -> tuple[datetime, list[Left]]:
    """Return the start of the window, and who called since: the most recent first.

    Without a version, only what is deprecated or has a sunset date counts; with one, every call of
    that version. Raises `TreatyError` (not-found, forbidden).
    """
    work.require(Permission.LEDGER_READ)
    work.get(ContractRow, contract, "contract")
    if version is not None:
        work.get(VersionRow, (contract, version), "version")
    since = work.now() - timedelta(days=days)
    columns = (LedgerEntry.application, LedgerEntry.version, LedgerEntry.operation)
    last = func.max(LedgerEntry.at).label("last")
    query = (
        select(*columns, func.sum(LedgerEntry.count), last)
        .where(LedgerEntry.contract == contract, LedgerEntry.at >= since)
        .group_by(*columns)
        .order_by(last.desc(), *columns)
        .limit(MAX_CALLERS)
    )
    if version is not None:
        query = query.where(LedgerEntry.version == version)
    leaving = _Leaving(work, contract)
    people = _People(work)
    found = [
        Left(application, *people.of(application), called, operation, int(calls), at)
        for application, called, operation, calls, at in work.session.execute(query)
        if version is not None or leaving.goes(called, operation)
    ]
    return since, found


class _Leaving:
    """Which operations of which version are on their way out; each version is read once."""

    def __init__(self, work: Work, contract: str) -> None:
        self._work = work
        self._contract = contract
        self._known: dict[str, frozenset[str] | None] = {}

    def goes(self, version: str, operation: str) -> bool:
        if version not in self._known:
            self._known[version] = self._operations(version)
        names = self._known[version]
        return names is None or operation in names

    def _operations(self, version: str) -> frozenset[str] | None:
        """Return the names, or None for all of them."""
        row = self._work.session.get(VersionRow, (self._contract, version))
        if row is None:
            return frozenset()
        if row.state != "published" or row.deprecated_at or row.sunset_at:
            return None
        operations = contract_of(self._work, row).operations
        return frozenset(o.name for o in operations if o.deprecated or o.sunset)


class _People:
    """Name, team and contacts of applications; each is asked for once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[str | None, tuple[str, str, list[str]]] = {None: ("", "", [])}

    def of(self, application: str | None) -> tuple[str, str, list[str]]:
        if application not in self._known:
            self._known[application] = self._read(application)
        return self._known[application]

    def _read(self, application: str | None) -> tuple[str, str, list[str]]:
        row = self._work.session.get(Application, application)
        if row is None:
            return "", "", []
        team = self._work.session.get(Team, row.team)
        query = (
            select(Person.email)
            .join(Membership, Membership.person == Person.id)
            .where(Membership.team == row.team, Person.email.is_not(None))
            .order_by(Person.email)
            .limit(_MAX_CONTACTS)
        )
        contacts = [email for email in self._work.session.scalars(query) if email]
        return row.name, team.title if team is not None else row.team, contacts
