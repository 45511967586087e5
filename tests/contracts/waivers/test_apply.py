"""What a waiver covers, on which day, and what it does to the verdict: `cases/apply.yaml`."""

import fnmatch
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from valid import assert_valid

from contracts import catalog
from contracts.compat import undecided
from contracts.compat.mode import Mode
from contracts.document import Place
from contracts.formats.yaml import parse
from contracts.problem import Problem
from contracts.report import Bump, Certainty, Direction, Effect, Finding, Level, Report, Verdict
from contracts.waivers import Waiver, _text_matches, apply

HERE = Path(__file__).parent
CASES = parse((HERE / "cases" / "apply.yaml").read_bytes(), source="apply.yaml").root
TODAY = date(2026, 11, 23)


def finding(old="", new="", rule="operation-removed", level="error", operation="GET /a"):
    def place(pointer):
        return Place(pointer, "f.yaml", 1, 1) if pointer else None

    return Finding(
        rule, Level(level), Direction.REQUEST, Effect.NARROWS, "gone", place(old), place(new),
        operation, certainty=Certainty.PROVEN,
    )  # fmt: skip


def waiver(at="/waivers/0", rule="operation-removed", expires="2027-01-01", **members):
    place = Place(at, "waivers.yaml", 3, 3)
    people = {"reason": "agreed", "owner": "delivery", "approver": "board"}
    return Waiver(rule, expires=date.fromisoformat(expires), place=place, **(people | members))


def report(*findings, verdict=Verdict.BREAKING):
    return Report(verdict, Bump.MAJOR, findings, stats={"seconds": 0.0, "nodes": 0})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    given_report = report(finding(**case["finding"]))
    done = apply(given_report, [waiver(**case["waiver"])], TODAY, consumer=case.get("consumer", ""))
    first = next(
        each for each in done.findings if each.new is None or "waivers" not in each.new.file
    )
    assert first.waived is case["waived"]
    assert (first.waiver is not None) is case["waived"]
    assert_valid("report", done.as_json())
    extra = [each.rule for each in done.findings if each is not first]
    unused = [] if case["waived"] else ["waiver-unused"]
    told = {"nothing": [], None: unused}.get(case.get("also"), [case.get("also")])
    assert extra == told
    assert done.required_bump is Bump.MAJOR


def test_a_waived_break_is_compatible_and_says_by_whom():
    done = apply(report(finding("/a")), [waiver(pointer="/a")], TODAY)
    assert done.verdict is Verdict.COMPATIBLE
    assert done.findings[0].waiver == {
        "reason": "agreed", "owner": "delivery", "approver": "board",
        "expires": "2027-01-01", "pointer": "/a",
    }  # fmt: skip


def test_an_expired_waiver_fails_the_gate_even_where_nothing_else_does():
    old = waiver(pointer="/gone", expires="2026-01-01")
    done = apply(report(verdict=Verdict.COMPATIBLE), [old], TODAY)
    (told,) = done.findings
    assert (told.rule, told.level) == ("waiver-expired", Level.ERROR)
    assert (told.new.file, told.new.line) == ("waivers.yaml", 3)
    assert "2026-01-01" in told.message
    assert done.verdict is Verdict.BREAKING


def test_under_mode_none_nothing_fails():
    old = waiver(pointer="/gone", expires="2026-01-01")
    done = apply(report(verdict=Verdict.COMPATIBLE), [old], TODAY, mode=Mode.NONE)
    assert done.verdict is Verdict.COMPATIBLE


def test_one_waiver_leaves_the_other_break_standing():
    done = apply(report(finding("/a"), finding("/b")), [waiver(pointer="/a")], TODAY)
    assert [each.waived for each in done.findings] == [True, False]
    assert done.verdict is Verdict.BREAKING


def test_a_text_that_cannot_be_read_stays_undecided():
    told = undecided.unreadable(Problem(catalog.NOT_READABLE, "no"), side="new", source="n.yaml")
    allowed = [waiver(pointer="", rule="document-not-readable")]
    done = apply(undecided.report(told), allowed, TODAY)
    assert done.verdict is Verdict.UNDECIDED


def test_without_waivers_the_report_is_the_same():
    made = report(finding("/a"))
    assert apply(made, [], TODAY) is made
    assert apply(made, [waiver(pointer="/a", consumer="x")], TODAY) is made


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_a_star_is_any_text(pattern, text):
    assert _text_matches(pattern, text) is fnmatch.fnmatchcase(text, pattern)
