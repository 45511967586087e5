"""The console's pages of what was judged: a version with the report it was published on, waivers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from contracts import readback
from contracts.compat import rulebook
from contracts.render import proof
from contracts.render.grouping import BUMPS, WORDS, Group, group
from contracts.report import Level, Report
from registry.auth import session_actor
from registry.console.pages import page
from registry.db.engine import transaction
from registry.db.models import ContractRow, VersionRow, WaiverRow
from registry.deps import Parts, parts_of
from registry.services import reports, waivers
from registry.services.judging import terms_of
from registry.services.work import Work

router = APIRouter(include_in_schema=False)
_Process = Annotated[Parts, Depends(parts_of)]
_MAX_SHOWN = 300  # beyond that a page is no page to read; the JSON form has all


@dataclass(frozen=True, slots=True)
class Shown:
    """Findings that one edit caused, as a page shows them."""

    group: Group

    @property
    def word(self) -> str:
        """The level in a word; waived ones stand apart."""
        return "waived" if self.group.first.waived else WORDS[self.group.first.level]

    @property
    def why(self) -> str:
        """Why the change matters."""
        return rulebook.entry(self.group.first.rule).why

    @property
    def doubt(self) -> str:
        """`suspected`, `undecided`, or nothing."""
        return proof.doubt(self.group.first)

    @property
    def caption(self) -> str:
        """What the witness is."""
        return proof.caption(self.group.first)

    @property
    def witness(self) -> str:
        """The witness as text."""
        return "\n".join(proof.value(self.group.first))

    @property
    def waiver(self) -> str:
        """Who allowed it, until when and why."""
        return proof.waiver(self.group.first)


@router.get("/contracts/{contract}/versions/{version}")
def version_page(contract: str, version: str, request: Request, parts: _Process) -> Response:
    """A version: its life, and the report that it was published on."""
    with transaction(parts.engine, writes=False) as session:
        actor = session_actor(request, session, datetime.now(UTC))
        if actor is None:
            return RedirectResponse("/login", 303)
        row = session.get(VersionRow, (contract, version))
        if row is None:
            name = f"{contract} {version}"
            return page(request, "missing.html", 404, actor=actor, name=name)
        return page(
            request, "version.html", 200, actor=actor, version=row,
            terms=terms_of(session.get_one(ContractRow, contract)),
            permalink=reports.of_publication(
                Work(session, actor, parts.issuer), contract, version
            ),
            **_told(row.report),
        )  # fmt: skip


@router.get("/waivers")
def waivers_page(request: Request, parts: _Process) -> Response:
    """Waivers: those that wait, that have expired, and that count; the ended ones last."""
    with transaction(parts.engine, writes=False) as session:
        actor = session_actor(request, session, datetime.now(UTC))
        if actor is None:
            return RedirectResponse("/login", 303)
        today = Work(session, actor, parts.issuer).now().date()
        rows = session.scalars(select(WaiverRow).order_by(WaiverRow.expires, WaiverRow.id))
        shown = [(row, waivers.expired(row, today), (row.expires - today).days) for row in rows]
        order = {"requested": 1, "approved": 2, "revoked": 3}
        shown.sort(key=lambda each: 0 if each[1] else order[each[0].state])
        return page(request, "waivers.html", 200, actor=actor, waivers=shown[:_MAX_SHOWN])


def _told(content: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the template shows of a stored report; a first version has none."""
    if content is None:
        return {"report": None}
    report = readback.report(content)
    groups = [Shown(each) for each in group(report.findings)]
    loud = [each for each in groups if each.group.first.level is not Level.INFO]
    quiet = [each for each in groups if each.group.first.level is Level.INFO]
    return {
        "report": report,
        "bump": BUMPS[report.required_bump],
        "counts": _counts(report),
        "loud": loud[:_MAX_SHOWN],
        "quiet": quiet[:_MAX_SHOWN],
        "hidden": max(len(loud) - _MAX_SHOWN, 0) + max(len(quiet) - _MAX_SHOWN, 0),
        "history": content.get("history", []),
    }


def _counts(report: Report) -> list[tuple[int, str]]:
    counted = [(report.count(level), f"{word}s") for level, word in WORDS.items()]
    waived = sum(finding.waived for finding in report.findings)
    proven = sum(finding.witness is not None for finding in report.findings)
    return [*counted, (waived, "waived"), (proven, "with a witness")]
