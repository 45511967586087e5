"""Lint results as JUnit XML: one suite per document, one test case per rule that ran."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from contracts.lint.judgement import Judgement
from contracts.lint.report import LintFinding
from contracts.render.escaping import visible


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return the XML; findings below the threshold are output of their case, not failures."""
    suites = "".join(_suite(each) for each in judged)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{suites}</testsuites>\n'


def _suite(judged: Judgement) -> str:
    failing = {id(finding) for finding in judged.failing}
    found: dict[str, list[LintFinding]] = {rule: [] for rule in judged.report.rules}
    for finding in judged.new:
        found.setdefault(finding.rule, []).append(finding)
    cases = "".join(_case(judged.source, rule, each, failing) for rule, each in found.items())
    failures = sum(any(id(f) in failing for f in each) for each in found.values())
    name = quoteattr(visible(judged.source))
    return (
        f'<testsuite name={name} tests="{len(found)}" failures="{failures}">\n{cases}</testsuite>\n'
    )


def _case(source: str, rule: str, findings: list[LintFinding], failing: set[int]) -> str:
    head = f"<testcase name={quoteattr(visible(rule))} classname={quoteattr(visible(source))}"
    if not findings:
        return f"{head}/>\n"
    text = escape("\n".join(_line(finding) for finding in findings))
    if any(id(finding) in failing for finding in findings):
        message = quoteattr(visible(findings[0].message))
        return f"{head}><failure message={message}>{text}</failure></testcase>\n"
    return f"{head}><system-out>{text}</system-out></testcase>\n"


def _line(finding: LintFinding) -> str:
    return visible(f"{finding.severity.word}: {finding.place}: {finding.message}")
