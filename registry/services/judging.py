"""Judging a contract by its own promise: mode, profile, policy, history and waivers.

Called by publishing and by the stored reports; the one place that turns rows into a judgement.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from contracts import catalog, waivers
from contracts.compat import severity
from contracts.compat.history import Towards, combine
from contracts.compat.judge import Request, judge_contracts
from contracts.compat.mode import Mode, Policy, Profile
from contracts.errors import TreatyError
from contracts.formats import read
from contracts.model import Contract, Format
from contracts.report import Report
from contracts.waivers import Waiver
from registry.db.models import ContractRow, VersionRow
from registry.services.work import Work

Earlier = tuple[str, Callable[[], Contract]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised, and by whose rules; `consumer` asks for the judgement of one application."""

    mode: Mode
    profile: Profile
    policy: Policy
    consumer: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One report, and the judgement towards each earlier version, newest first."""

    report: Report
    history: tuple[Towards, ...]

    def as_json(self) -> dict[str, object]:
        """Return the machine interface's report, with `history` beside it."""
        return self.report.as_json() | {"history": [each.as_json() for each in self.history]}


def default_policy(kind: str) -> Policy:
    """Return how an open content model of a format is read unless the contract says otherwise."""
    return Policy.STRICT if kind == Format.JSON_SCHEMA else Policy.LENIENT


def terms_of(row: ContractRow) -> Terms:
    """Return a contract's terms; one that promises nothing is still told what would break."""
    mode = Mode(row.compatibility)
    return Terms(
        mode=Mode.BACKWARD if mode is Mode.NONE else mode,
        profile=Profile(row.profile),
        policy=Policy(row.policy) if row.policy else default_policy(row.format),
    )


def require_profile(kind: str, profile: str) -> None:
    """Raise `TreatyError` (conflict) where a profile cannot judge contracts of a format."""
    if profile != Profile.CONTAINMENT and kind != Format.JSON_SCHEMA:
        raise TreatyError(
            catalog.CONFLICT, f"The profile {profile} judges JSON Schemas; the contract is {kind}."
        )


def read_as(kind: str, contract_id: str, content: bytes, source: str) -> Contract:
    """Return a text as a contract of the format. Raises `TreatyError` as reading, invalid-contract."""
    contract = read(content, source=source, expected=Format(kind))
    if contract.format != kind:
        raise TreatyError(
            catalog.INVALID_CONTRACT,
            f"{contract_id} is {kind}, the text is {contract.format}.",
        )
    return contract


def history(work: Work, newest: VersionRow, mode: Mode) -> list[VersionRow]:
    """Return the versions that a promise is made towards, newest first.

    A transitive promise is made towards all that are not retired; another one towards `newest`.
    """
    if not mode.transitive:
        return [newest]
    query = select(VersionRow).where(
        VersionRow.contract == newest.contract,
        VersionRow.sequence <= newest.sequence,
        VersionRow.state != "retired",
    )
    return list(work.session.scalars(query.order_by(VersionRow.sequence.desc())))


def judge(
    earlier: Iterable[Earlier],
    new: Contract,
    terms: Terms,
    allowed: Sequence[Waiver],
    on: date,
) -> Judgement:
    """Return the judgement of `new` after each earlier version (newest first, at least one)."""
    mode = terms.mode.pairwise
    request = Request(
        format=new.format, mode=mode, profile=terms.profile, policy=terms.policy, on=on
    )
    raw = [Towards(name, judge_contracts(old(), new, request)) for name, old in earlier]
    whole = waivers.apply(combine(raw), allowed, on, mode=mode, consumer=terms.consumer)
    told = (
        Towards(each.version, _alone(each.report, allowed, on, mode, terms.consumer))
        for each in raw
    )
    return Judgement(whole, tuple(told))


def _alone(
    report: Report, allowed: Sequence[Waiver], on: date, mode: Mode, consumer: str
) -> Report:
    """Return the report towards one version: waived, but without what is said of waivers."""
    waived = waivers.apply(report, allowed, on, mode=mode, consumer=consumer)
    standing = tuple(each for each in waived.findings if each.rule not in waivers.RULES)
    if len(standing) == len(waived.findings):
        return waived
    verdict = severity.verdict(standing, mode)
    return replace(waived, findings=standing, verdict=verdict)
