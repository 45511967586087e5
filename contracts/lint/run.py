"""Linting one document: one traversal per tree, then each rule's functions on what was selected.

Called by the CLI and the registry.
"""

import time
from collections.abc import Iterable

from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.lint import dialects, overrides, tree, values
from contracts.lint.aliases import expand
from contracts.lint.catalogue import FUNCTIONS
from contracts.lint.field import targets
from contracts.lint.function import MISSING, Context, Path, Result, UnsupportedError
from contracts.lint.match import Match
from contracts.lint.message import fill
from contracts.lint.report import LintFinding, LintReport
from contracts.lint.rule import Rule, Ruleset, Severity, Then, Unsupported
from contracts.lint.select import Selection, select
from contracts.lint.tree import Tree

MAX_FINDINGS = 20_000


def lint(
    document: Document, ruleset: Ruleset, *, formats: frozenset[str] | None = None
) -> LintReport:
    """Return what a document breaks of a ruleset; `formats` are detected when not given.

    Raises `TreatyError` (invalid-ruleset) for options that make no sense.
    """
    started = time.perf_counter()
    if formats is None:
        formats = dialects.detect(document.root)
    rules = [
        rule
        for rule in overrides.effective(ruleset, document.source).values()
        if rule.active and (rule.formats is None or rule.formats & formats)
    ]
    run = _Run(document, formats)
    for resolved in (True, False):
        run.tree(tree.resolved(document) if resolved else tree.raw(document), rules, resolved)
    findings = sorted(run.found.values(), key=_order)
    return LintReport(
        source=document.source,
        findings=tuple(findings),
        unsupported=(*ruleset.unsupported, *run.unsupported),
        rules=tuple(sorted(rule.name for rule in rules)),
        stats={"seconds": round(time.perf_counter() - started, 4), "matches": run.matches},
    )


def _order(finding: LintFinding) -> tuple[object, ...]:
    place = finding.place
    return (place.line, place.column, place.pointer, finding.rule, finding.message)


class _Run:
    """The findings of one document while its rules run."""

    def __init__(self, document: Document, formats: frozenset[str]) -> None:
        self.document = document
        self.formats = formats
        self.found: dict[tuple[str, Path, str], LintFinding] = {}
        self.unsupported: list[Unsupported] = []
        self.matches = 0
        self.memo: dict[str, object] = {}
        self._references: frozenset[str] | None = None

    def tree(self, seen: Tree, rules: Iterable[Rule], resolved: bool) -> None:
        """Run the rules that want this tree."""
        # By name, so that the bound on findings cuts the same whatever the order of rules is.
        chosen = sorted((r for r in rules if r.resolved is resolved), key=lambda rule: rule.name)
        if resolved:
            self._broken(seen)
        if not chosen:
            return
        given = {rule.name: expand(rule.given, rule.aliases, self.formats) for rule in chosen}
        selection = select(seen, {path for paths in given.values() for path in paths})
        for rule in chosen:
            self._rule(rule, given[rule.name], selection, seen)

    def references(self) -> frozenset[str]:
        """Return every `$ref` of the document, gathered when a function first asks."""
        if self._references is None:
            self._references = tree.references(self.document)
        return self._references

    def _rule(self, rule: Rule, given: tuple[str, ...], selection: Selection, seen: Tree) -> None:
        for text in given:
            if text in selection.unsupported:
                self._missing(selection.unsupported[text], rule)
                continue
            matches = selection.matches[text]
            self.matches += len(matches)
            for then in rule.then:
                try:
                    self._then(rule, then, matches, seen)
                except UnsupportedError as error:
                    self._missing(str(error), rule)
                except TreatyError as error:
                    raise _named(rule, error) from None

    def _then(self, rule: Rule, then: Then, matches: Iterable[Match], seen: Tree) -> None:
        function = FUNCTIONS.get(then.function)
        if function is None:
            return  # listed when the ruleset was read
        for match in matches:
            for inner, value in targets(match.value, then.field):
                path = (*match.path, *inner)
                context = Context(
                    self.document,
                    seen.root,
                    path,
                    path[-1] if path else None,
                    self.formats,
                    seen.resolve,
                    rule.name,
                    self.references,
                    seen.source,
                    self.memo,
                )
                for result in function(value, then.options, context):
                    self._add(rule, seen, (*path, *result.path), result, match.behind)

    def _add(self, rule: Rule, seen: Tree, path: Path, result: Result, behind: bool) -> None:
        if len(self.found) >= MAX_FINDINGS:
            self._missing(f"more than {MAX_FINDINGS} findings; these rules may have more", rule)
            return
        written = seen.source(path, behind=behind)
        missing = _absent(seen, path)
        pointer = jp.join("", *written)
        severity = rule.severity_at(pointer)
        if severity is Severity.OFF:
            return
        message = self._message(rule, result, written, missing)
        key = (rule.name, written, message)
        if key not in self.found:
            place = self.document.place(pointer)
            self.found[key] = LintFinding(
                rule=rule.name,
                severity=severity,
                message=message,
                path=written,
                place=place,
                missing=missing,
                pack=rule.pack,
                documentation=rule.documentation,
                fix=rule.fix,
            )

    def _message(self, rule: Rule, result: Result, written: Path, missing: Path) -> str:
        last = ".".join(str(step) for step in (*written[-1:], *missing))
        words = {
            "description": rule.description,
            "path": "#" + jp.join("", *written),
            "property": last,
            "value": _shown(tree.walk(self.document.root, written)),
        }
        words["error"] = fill(result.message, words)
        if rule.message is not None:
            return fill(rule.message, words)
        return rule.description.strip() or words["error"]

    def _broken(self, seen: Tree) -> None:
        """Report references that lead nowhere, as Spectral does, whatever the rules are."""
        for path, ref in seen.broken:
            if not ref.startswith("#"):
                what = f"the reference '{ref[:200]}': other documents are not followed"
                if not any(each.what == what for each in self.unsupported):
                    self.unsupported.append(Unsupported(what))
                continue
            written = (*path, "$ref")
            message = f"'{ref[:200]}' does not exist"
            self.found[("invalid-ref", written, message)] = LintFinding(
                rule="invalid-ref",
                severity=Severity.ERROR,
                message=message,
                path=written,
                place=self.document.place(jp.join("", *written)),
                fix="Point the reference at a definition of this document.",
            )

    def _missing(self, what: str, rule: Rule) -> None:
        """List a rule under what it cannot do."""
        for index, entry in enumerate(self.unsupported):
            if entry.what == what:
                if rule.name not in entry.rules:
                    self.unsupported[index] = Unsupported(what, (*entry.rules, rule.name))
                return
        self.unsupported.append(Unsupported(what, (rule.name,)))


def _absent(seen: Tree, path: Path) -> Path:
    return path[len(tree.nearest(seen.root, path)) :]


def _shown(value: Json) -> str:
    return "" if value is MISSING else values.shown(value)


def _named(rule: Rule, error: TreatyError) -> TreatyError:
    sentence = f"rule '{rule.name}': {error.problem.detail}"
    return TreatyError(error.problem.type, sentence, errors=error.problem.errors)
