"""Judges two versions of a contract: walk, check, derive levels, report.

Called by the registry's publish and check, by the command line, and by tests.
"""

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from contracts.compat import severity
from contracts.compat.check import AnyCheck, Hit
from contracts.compat.checks import BY_PAIR
from contracts.compat.lifecycle import TOLERANT, Lifecycle
from contracts.compat.mode import Mode
from contracts.compat.pairs import Pair, Site, UndecidedPair, written_by
from contracts.compat.schemas import BudgetError, Reader, SchemaWalk
from contracts.compat.walk import Root, walk
from contracts.model import Contract, Format
from contracts.report import Direction, Finding, Level, Report

# Far above any real contract; a hostile one is cut off and called undecided.
MAX_NODES = 2_000_000
MAX_FINDINGS = 20_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How many places a comparison may look at, and how many findings it may report."""

    nodes: int = MAX_NODES
    findings: int = MAX_FINDINGS


DEFAULT = Limits()


def compare(
    old: Contract,
    new: Contract,
    *,
    mode: Mode = Mode.BACKWARD,
    on: date | None = None,
    limits: Limits = DEFAULT,
    lifecycle: Lifecycle = TOLERANT,
) -> Report:
    """Return the judgement of `new` as the next version of `old`.

    For OpenAPI, BACKWARD means that consumers of the old version keep working: requests may widen,
    responses may narrow. For JSON Schema it means that the new version reads what was written for
    the old one. `on` is the day on which sunset dates count as passed, today (UTC) by default;
    `lifecycle` says how much notice they must give. Stats give seconds and the number of schema places looked at. Never raises for odd contracts:
    what cannot be decided is a finding, and the verdict says so.
    """
    started = time.perf_counter()
    mode = mode.pairwise
    judge = _Judge(old, new, mode, limits, lifecycle)
    if old.digest != new.digest:
        judge.run(on or datetime.now(UTC).date())
    findings = tuple(sorted(judge.findings.values(), key=_order))
    return Report(
        verdict=severity.verdict(findings, mode),
        required_bump=severity.required_bump(findings, same_text=old.digest == new.digest),
        findings=findings,
        old_version=old.version,
        new_version=new.version,
        stats={"seconds": round(time.perf_counter() - started, 6), "nodes": judge.schemas.nodes},
    )


class _Judge:
    """One comparison under way."""

    def __init__(
        self, old: Contract, new: Contract, mode: Mode, limits: Limits, lifecycle: Lifecycle
    ) -> None:
        self.lifecycle = lifecycle
        self.old = old
        self.new = new
        self.mode = mode
        self.limits = limits
        self.findings: dict[str, Finding] = {}
        self.schemas = SchemaWalk(
            old=Reader.of(old),
            new=Reader.of(new),
            checks=BY_PAIR,
            exact=old.format is Format.JSON_SCHEMA,
            base=old.version,
            budget=limits.nodes,
        )

    def run(self, on: date) -> None:
        """Fill the findings; stop, and say so, when a limit is reached."""
        try:
            for item in walk(self.old, self.new, on, self.lifecycle):
                if isinstance(item, Root):
                    self._root(item)
                else:
                    self._pair(item)
        except BudgetError:
            reason = "it is too large to compare completely; what follows was not looked at"
            pair = UndecidedPair(Site("", "the contract", "", ""), reason)
            self._pair(pair, last=True)

    def _pair(self, pair: Pair, *, last: bool = False) -> None:
        for check in BY_PAIR.get(type(pair), ()):
            direction = written_by(pair, check.directions)
            if direction is None:
                continue
            for hit in check(pair):
                self._add(check, direction, pair.site.where, hit, pair.site, last=last)

    def _root(self, root: Root) -> None:
        site = root.site
        for found in self.schemas.walk(root.old, root.new, root.direction, textual=root.textual):
            subject = _subject(root.subject, found.path)
            place = replace(site, old=found.old_at, new=found.new_at)
            if found.check is None:
                self._pair(UndecidedPair(place, f"{subject} cannot be read: {found.trouble}"))
            else:
                where = f"{site.where}: {subject}"
                self._add(found.check, root.direction, where, found.hit, place, glue=" ")

    def _add(
        self,
        check: AnyCheck,
        direction: Direction,
        where: str,
        hit: Hit,
        site: Site,
        *,
        glue: str = ": ",
        last: bool = False,
    ) -> None:
        if len(self.findings) >= self.limits.findings and not last:
            raise BudgetError
        level = severity.level(check.id, check.effect, direction, self.mode)
        level = Level.INFO if site.unstable else level  # draft and alpha promise nothing
        finding = Finding(
            rule=check.id,
            level=level,
            direction=direction,
            effect=check.effect,
            message=f"{where}{glue}{hit.message}",
            old=self.old.document.place(site.old if hit.old is None else hit.old),
            new=self.new.document.place(site.new if hit.new is None else hit.new),
            operation=site.operation,
            fix="" if level is Level.INFO else check.fix,
        )
        self.findings.setdefault(finding.fingerprint, finding)


def _subject(root: str, path: str) -> str:
    """Return how a reader calls the place: `property `a.b`` of a body, or of a parameter."""
    if not path:
        return root
    name = f"property `{path.removeprefix('.')}`"
    if path.startswith("[]") and "." not in path:
        name = f"item `{path}`"
    return name if root in ("the body", "the value", "the payload") else f"{root}, {name}"


def _order(finding: Finding) -> tuple[object, ...]:
    places = (finding.old, finding.new)
    return (
        severity.RANK[finding.level],
        finding.operation,
        *(place.pointer if place else "" for place in places),
        finding.rule,
        finding.direction.value,
    )
