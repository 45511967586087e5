"""Comparing a draft or a stored version with earlier ones; each answer is stored.

A comparison may take seconds, so it runs between transactions, never inside one. Called by the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from contracts import catalog
from contracts.compat.mode import Mode, Policy, Profile
from contracts.errors import TreatyError
from contracts.model import Contract
from contracts.waivers import Waiver
from registry.db.models import Application, ContractRow, VersionRow
from registry.services import reports, waivers
from registry.services.judging import (
    Terms,
    history,
    judge,
    read_as,
    require_profile,
    terms_of,
)
from registry.services.publish import before, find
from registry.services.reading import contract_of
from registry.services.reports import Stored
from registry.services.work import Units, Work


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants judged otherwise than the contract has it; None is as it has it."""

    mode: Mode | None = None
    profile: Profile | None = None
    policy: Policy | None = None
    consumer: str | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a judgement needs of the database, read in one transaction."""

    row: ContractRow
    terms: Terms
    earlier: Sequence[VersionRow]
    allowed: tuple[Waiver, ...]
    on: date


def draft(
    units: Units, contract: str, version: str, content: bytes, source: str, asked: Asked
) -> Stored:
    """Return the judgement of a text as the next version after a stored one.

    Raises `TreatyError`: not-found, conflict (profile), and what reading raises.
    """
    with units() as work:
        scene = _scene(work, contract, find(work, contract, version), asked)
    new = read_as(scene.row.format, contract, content, source)
    return _answer(units, "compatibility", scene, new, new.version)


def versions(
    units: Units, kind: str, contract: str, version: str, against: str | None, asked: Asked
) -> Stored:
    """Return the judgement of a stored version as the next one after another stored one.

    `against` is the version published before it where none is named. A `diff` compares exactly
    these two. Raises `TreatyError`: not-found, conflict (profile).
    """
    with units() as work:
        later = find(work, contract, version)
        earlier = find(work, contract, against) if against else before(work, later)
        if earlier is None:
            raise TreatyError(
                catalog.NOT_FOUND, f"{contract} {later.version} is the first version."
            )
        scene = _scene(work, contract, earlier, asked)
        if kind == "diff":
            terms = replace(scene.terms, mode=scene.terms.mode.pairwise)
            scene = replace(scene, terms=terms, earlier=[earlier])
        new = contract_of(work, later)
    return _answer(units, kind, scene, new, later.version)


def _scene(work: Work, contract: str, newest: VersionRow, asked: Asked) -> _Scene:
    row = work.get(ContractRow, contract, "contract")
    own = terms_of(row)
    terms = Terms(
        mode=asked.mode or own.mode,
        profile=asked.profile or own.profile,
        policy=asked.policy or own.policy,
        consumer=asked.consumer or "",
    )
    require_profile(row.format, terms.profile)
    if terms.consumer:
        work.get(Application, terms.consumer, "application")
    earlier = history(work, newest, terms.mode) or [newest]
    return _Scene(row, terms, earlier, waivers.standing(work, contract), work.now().date())


def _answer(units: Units, kind: str, scene: _Scene, new: Contract, name: str) -> Stored:
    question = reports.question(
        kind, scene.row.id, scene.earlier, new, name,
        terms=scene.terms, waivers=scene.allowed, on=scene.on,
    )  # fmt: skip
    with units() as work:
        stored = reports.known(work, question.id)
        if stored is not None:
            return Stored(stored.id, stored.content)
    olds = ((row.version, partial(_contract, units, row)) for row in scene.earlier)
    judged = judge(olds, new, scene.terms, scene.allowed, scene.on)
    return reports.keep_apart(units, question, judged.as_json())


def _contract(units: Units, row: VersionRow) -> Contract:
    with units() as work:
        return contract_of(work, row)
