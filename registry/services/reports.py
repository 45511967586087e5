"""Stored reports: each under the digest of its question, so that the same one is answered once.

A report is kept as long as it is one of the newest of its contract, or a version was published on
it. Called by the API and by publishing.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from contracts import catalog
from contracts.errors import TreatyError
from contracts.model import Contract
from contracts.waivers import Waiver
from registry.db.models import ReportRow, VersionRow
from registry.permissions import Permission
from registry.services.engine import engine
from registry.services.judging import Terms
from registry.services.work import Units, Work

KEPT = 200  # a contract, beside those that versions were published on


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that an answer depends on. `new_text` is the digest of the bytes, not the sense.

    Two texts of one meaning share their findings but not their lines and columns.
    """

    kind: str
    contract: str
    earlier: tuple[tuple[str, str], ...]  # version and digest, newest first
    new_version: str
    new_digest: str
    new_text: str
    source: str
    on: date
    terms: Terms | None = None
    ruleset: str = ""
    waivers: tuple[Waiver, ...] = ()

    @property
    def id(self) -> str:
        """The report's name: 32 hexadecimal digits."""
        facts = {"engine": engine(), **asdict(self)}
        text = json.dumps(facts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def question(
    kind: str,
    contract: str,
    earlier: Sequence[VersionRow],
    new: Contract,
    name: str,
    *,
    terms: Terms,
    waivers: tuple[Waiver, ...],
    on: date,
) -> Question:
    """Return the question whether `new`, called `name`, may follow the earlier versions."""
    return Question(
        kind=kind,
        contract=contract,
        earlier=tuple((row.version, row.digest) for row in earlier),
        new_version=name,
        new_digest=new.digest,
        new_text=text_digest(new.document.text),
        source=new.document.source,
        on=on,
        terms=terms,
        waivers=waivers,
    )


def text_digest(text: bytes) -> str:
    """Return the digest of bytes as they are."""
    return "sha256:" + hashlib.sha256(text).hexdigest()


@dataclass(frozen=True, slots=True)
class Stored:
    """A report and its permanent name."""

    id: str
    content: Mapping[str, Any]


def find(work: Work, report: str) -> ReportRow:
    """Return a stored report. Raises `TreatyError` (not-found, forbidden)."""
    work.require(Permission.CATALOG_READ)
    row = known(work, report)
    if row is None:
        raise TreatyError(
            catalog.NOT_FOUND, f"There is no report {report!r}; old ones make room for new ones."
        )
    return row


def known(work: Work, report: str) -> ReportRow | None:
    """Return the stored report of this name, if there is one."""
    return work.session.scalars(select(ReportRow).where(ReportRow.id == report)).first()


def of_publication(work: Work, contract: str, version: str) -> str | None:
    """Return the name of the report that a version was published on, where there is one."""
    query = select(ReportRow.id).where(
        ReportRow.contract == contract, ReportRow.publication == version
    )
    return work.session.scalars(query.order_by(ReportRow.seq.desc()).limit(1)).first()


def keep(
    work: Work, question: Question, content: Mapping[str, object], *, publication: str | None = None
) -> ReportRow:
    """Store an answer, or mark the one that is stored as what a version was published on."""
    row = known(work, question.id) or _add(work, question, content)
    row.publication = publication or row.publication
    work.session.flush()
    _make_room(work, question.contract)
    return row


def keep_apart(units: Units, question: Question, content: Mapping[str, object]) -> Stored:
    """Store an answer in a transaction of its own."""
    try:
        with units(writes=True) as work:
            keep(work, question, content)
    except IntegrityError:
        pass  # Somebody asked the same at the same time; the answers are equal.
    return Stored(question.id, content)


def _add(work: Work, question: Question, content: Mapping[str, object]) -> ReportRow:
    terms, (old_version, old_digest) = question.terms, (question.earlier or ((None, None),))[0]
    row = ReportRow(
        id=question.id,
        kind=question.kind,
        contract=question.contract,
        old_version=old_version,
        old_digest=old_digest,
        new_version=question.new_version[:200],
        new_digest=question.new_digest,
        engine=engine(),
        mode=terms.mode.value if terms else None,
        profile=terms.profile.value if terms else None,
        policy=terms.policy.value if terms else None,
        consumer=terms.consumer or None if terms else None,
        ruleset=question.ruleset or None,
        verdict=str(content.get("verdict", "")),
        judged_on=question.on,
        content=dict(content),
        created_at=work.now(),
        created_by=work.actor.label,
    )
    work.session.add(row)
    return row


def _make_room(work: Work, contract: str) -> None:
    mine = (ReportRow.contract == contract, ReportRow.publication.is_(None))
    newest = select(ReportRow.seq).where(*mine).order_by(ReportRow.seq.desc())
    last = work.session.scalar(newest.offset(KEPT).limit(1))
    if last is not None:
        work.session.execute(delete(ReportRow).where(*mine, ReportRow.seq <= last))
