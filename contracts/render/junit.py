"""A report as JUnit XML, so that any CI server lists findings as test cases."""

from contracts.render import proof
from contracts.render.escaping import xml
from contracts.render.grouping import verdict_line
from contracts.report import Certainty, Effect, Finding, Level, Report, Verdict


def render(report: Report, colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one test case a finding, and one for the verdict.

    An error fails; what is undecided is an error of the test itself; a waived finding is skipped.
    """
    cases = [_case(finding) for finding in report.findings]
    kinds = [_kind(finding) for finding in report.findings]
    undecided = report.verdict is Verdict.UNDECIDED
    failed = kinds.count("failure") + (report.verdict is Verdict.BREAKING)
    counts = (
        f'tests="{len(cases) + 1}" failures="{failed}" '
        f'errors="{kinds.count("error") + undecided}" skipped="{kinds.count("skipped")}" '
        f'time="{float(report.stats.get("seconds", 0)):.6f}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="treaty" {counts}>',
        f'  <testsuite name="compatibility" {counts}>',
        _verdict(report),
        *cases,
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _kind(finding: Finding) -> str:
    if finding.waived:
        return "skipped"
    if finding.level is Level.ERROR:
        return "failure"
    undecided = finding.certainty is Certainty.UNDECIDED or finding.effect is Effect.UNKNOWN
    return "error" if undecided else "passed"


def _verdict(report: Report) -> str:
    line = xml(verdict_line(report))
    inner = {
        Verdict.COMPATIBLE: f"      <system-out>{line}</system-out>",
        Verdict.BREAKING: f'      <failure message="{line}" type="verdict"/>',
        Verdict.UNDECIDED: f'      <error message="{line}" type="verdict"/>',
    }[report.verdict]
    return f'    <testcase classname="contract" name="verdict">\n{inner}\n    </testcase>'


def _case(finding: Finding) -> str:
    place = finding.new or finding.old
    where = f" at {place.pointer or '/'}" if place else ""
    name = xml(f"{finding.rule}{where} ({finding.fingerprint[:8]})")
    head = f'    <testcase classname="{xml(finding.operation or "contract")}" name="{name}">'
    return "\n".join([head, _inner(finding), "    </testcase>"])


def _inner(finding: Finding) -> str:
    kind, message = _kind(finding), xml(finding.message)
    text = "\n".join(map(xml, _details(finding)))
    if kind == "skipped":
        reason = xml(f"waived {proof.waiver(finding)}".strip())
        return f'      <skipped message="{reason}"/>\n      <system-out>{message}</system-out>'
    if kind == "passed":
        return f"      <system-out>{message}\n{text}</system-out>"
    rule = xml(finding.rule)
    return f'      <{kind} message="{message}" type="{rule}">{text}</{kind}>'


def _details(finding: Finding) -> list[str]:
    lines = [f"{side}: {place}" for side, place in _sides(finding) if place]
    if finding.witness is not None:
        lines += [f"witness: {proof.caption(finding)}", *proof.value(finding)]
    if finding.fix:
        lines.append(f"way out: {finding.fix}")
    return lines


def _sides(finding: Finding) -> tuple[tuple[str, object], ...]:
    return (("old", finding.old), ("new", finding.new))
