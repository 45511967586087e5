"""Judges two versions of a contract: walk, check, derive levels, report.

Called by the registry's publish and check, by the command line, and by tests.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from contracts.compat import severity
from contracts.compat.check import AnyCheck, Hit
from contracts.compat.checks import BY_PAIR
from contracts.compat.lifecycle import TOLERANT, Lifecycle
from contracts.compat.mode import Mode, Policy
from contracts.compat.pairs import Pair, Site, UndecidedPair, written_by
from contracts.compat.proving import Proven, Proving
from contracts.compat.schemas import BudgetError, Reader, SchemaWalk
from contracts.compat.walk import Root, walk
from contracts.document import Json
from contracts.model import Contract, Format
from contracts.report import Certainty, Direction, Effect, Finding, Level, Report
from contracts.witness.witness import Witnesses
from contracts.witness.world import World

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
    policy: Policy | None = None,
    on: date | None = None,
    limits: Limits = DEFAULT,
    lifecycle: Lifecycle = TOLERANT,
) -> Report:
    """Return the judgement of `new` as the next version of `old`.

    For OpenAPI, BACKWARD means that consumers of the old version keep working: requests may widen,
    responses may narrow. For JSON Schema it means that the new version reads what was written for
    the old one. `policy` is how open content models are read: to the letter for JSON Schema and
    leniently elsewhere, unless it is given. `on` is the day on which sunset dates count as passed,
    today (UTC) by default; `lifecycle` says how much notice they must give. Stats give seconds and
    the number of schema places looked at. Never raises for odd contracts:
    what cannot be decided is a finding, and the verdict says so.
    """
    started = time.perf_counter()
    mode = mode.pairwise
    strict = old.format is Format.JSON_SCHEMA
    policy = policy or (Policy.STRICT if strict else Policy.LENIENT)
    judge = _Judge(old, new, mode, policy, limits, lifecycle)
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
        self,
        old: Contract,
        new: Contract,
        mode: Mode,
        policy: Policy,
        limits: Limits,
        lifecycle: Lifecycle,
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
            exact=policy is Policy.STRICT,
            base=old.version,
            budget=limits.nodes,
        )
        walk = self.schemas
        alike = walk.sameness if walk.alike else None
        self.proving = Proving(old, new, (walk.old, walk.new), alike, mode, policy)
        self.witnesses = Witnesses(
            *(World(side, reader.normaliser.resolver)
              for side, reader in ((old, walk.old), (new, walk.new)))
        )  # fmt: skip

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
                self._add(check, direction, pair, hit, last=last)

    def _root(self, root: Root) -> None:
        if self.schemas.same(root.old, root.new):
            return
        site = root.site
        found = list(self.schemas.walk(root.old, root.new, root.direction, textual=root.textual))
        for item in found:
            if item.check is None:
                place = replace(site, old=item.old_at, new=item.new_at)
                subject = _subject(root.subject, item.path)
                self._pair(UndecidedPair(place, f"{subject} cannot be read: {item.trouble}"))
        for proven in self.proving.settle(root, found):
            self._proven(root, proven)

    def _proven(self, root: Root, proven: Proven) -> None:
        site, item = root.site, proven.found
        where = f"{site.where}: {_subject(root.subject, item.path)}"
        if site.unstable:  # draft and alpha promise nothing
            proven = replace(proven, level=Level.INFO, certainty=Certainty.NOTED, value=())
        self._keep(
            Finding(
                rule=proven.check.id,
                level=proven.level,
                direction=root.direction,
                effect=proven.effect,
                message=f"{where} {proven.hit.message}",
                old=self.old.document.place(item.old_at),
                new=self.new.document.place(item.new_at),
                operation=site.operation,
                fix="" if proven.level is Level.INFO else proven.check.fix,
                certainty=proven.certainty,
                witness=self._witness(root, proven),
            )
        )

    def _witness(self, root: Root, proven: Proven) -> Mapping[str, Json] | None:
        if proven.way is None or not proven.value:
            return None
        way = proven.way
        return self.witnesses.of_value(
            root.site, root.direction, proven.value[0], way.writer, way.reader
        )

    def _keep(self, finding: Finding, *, last: bool = False) -> None:
        if len(self.findings) >= self.limits.findings and not last:
            raise BudgetError
        self.findings.setdefault(finding.fingerprint, finding)

    def _add(
        self, check: AnyCheck, direction: Direction, pair: Pair, hit: Hit, *, last: bool = False
    ) -> None:
        site = pair.site
        level = severity.level(check.id, check.effect, direction, self.mode)
        level = Level.INFO if site.unstable else level
        finding = Finding(
            rule=check.id,
            level=level,
            direction=direction,
            effect=check.effect,
            message=f"{site.where}: {hit.message}",
            old=self.old.document.place(site.old if hit.old is None else hit.old),
            new=self.new.document.place(site.new if hit.new is None else hit.new),
            operation=site.operation,
            fix="" if level is Level.INFO else check.fix,
            certainty=_certainty(check.effect, level),
        )
        proof = self._proof(finding, pair) if level is Level.ERROR else finding
        self._keep(proof, last=last)

    def _proof(self, finding: Finding, pair: Pair) -> Finding:
        """Return the finding with its witness, or as a suspicion where none is found."""
        forward = self.mode is Mode.FORWARD
        operation = "" if pair.site.flipped else finding.operation
        witness = self.witnesses.of_pair(operation, pair, forward=forward)
        witness = witness or self.witnesses.stated(
            finding.old, finding.new, finding.direction, forward=forward
        )
        if witness is None:
            return replace(finding, level=Level.WARNING, certainty=Certainty.SUSPECTED)
        return replace(finding, witness=witness, certainty=Certainty.PROVEN)


def _certainty(effect: Effect, level: Level) -> Certainty:
    """Return how sure a finding is before anybody looked for a witness."""
    doubtful = effect is Effect.UNKNOWN and level is not Level.INFO
    return Certainty.UNDECIDED if doubtful else Certainty.NOTED


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
