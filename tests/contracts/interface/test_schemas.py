"""The shipped schemas describe what is really written, member by member."""

import json
from pathlib import Path

import pytest
from valid import VALID, assert_valid

from contracts import changelog, interface
from contracts.compat import batch, undecided
from contracts.compat.examples import examples
from contracts.compat.judge import Request, judge
from contracts.compat.mode import Mode, Policy, Profile
from contracts.compat.run import compare
from contracts.model import Format
from contracts.report import Bump, Certainty, Direction, Effect, Level, Verdict
from contracts.waiverfile import MEMBERS


def reports():
    for rule, example in examples().items():
        old, new = example._contract("old", example.old), example._contract("new", example.new)
        yield rule, compare(old, new, mode=example.mode, lifecycle=example.lifecycle)


def test_every_report_is_described_completely():
    for _, report in reports():
        assert_valid("report", report.as_json())
        assert_valid("changelog", changelog.of(report).as_json())


@pytest.mark.parametrize("text", [b"{", b"openapi: 9", b"a: &a [*a]", b"\xff", b"", b"- 1"])
def test_a_report_about_an_unreadable_text_too(text):
    report = judge(b"{}", text, Request())
    assert report.verdict is Verdict.UNDECIDED
    assert_valid("report", report.as_json())


def test_an_answer_is_a_report_with_an_id():
    report, answer = (interface.schema(name) for name in ("report", "answer"))
    assert answer["$defs"] == report["$defs"]
    assert {k: v for k, v in answer["properties"].items() if k != "id"} == report["properties"]
    for identifier in ("a", 7, None, True, 1.5):
        made = json.loads(batch.answer(identifier, undecided.report(undecided.stopped("x"))))
        assert made["id"] == identifier
        assert_valid("answer", made)


@pytest.mark.parametrize(
    ("member", "kind"),
    [("level", Level), ("direction", Direction), ("effect", Effect), ("certainty", Certainty)],
)
def test_the_words_of_a_finding_are_those_of_the_code(member, kind):
    finding = interface.schema("report")["$defs"]["finding"]["properties"]
    assert finding[member]["enum"] == list(kind)


def test_the_words_of_a_report_and_a_pair_are_those_of_the_code():
    report = interface.schema("report")["properties"]
    assert report["verdict"]["enum"] == list(Verdict)
    assert report["required_bump"]["enum"] == list(Bump)
    pair = interface.schema("pair")["properties"]
    for name, kind in (
        ("format", Format),
        ("mode", Mode),
        ("profile", Profile),
        ("policy", Policy),
    ):
        assert sorted(pair[name]["examples"]) == sorted(kind)


def test_the_members_of_a_waiver_are_those_of_the_code():
    waiver = interface.schema("waivers")["$defs"]["waiver"]
    assert set(waiver["properties"]) == set(MEMBERS)
    assert set(waiver["required"]) == {name for name, needed in MEMBERS.items() if needed}


def test_the_sections_of_a_changelog_are_those_of_the_code():
    section = interface.schema("changelog")["$defs"]["section"]["properties"]
    assert section["kind"]["enum"] == list(changelog.Kind)


def test_every_schema_ships_and_no_other_name_does():
    assert set(VALID) == set(interface.SCHEMAS)
    with pytest.raises(LookupError):
        interface.text("../compat/examples")


def test_the_page_names_every_member_and_exit_code():
    page = (Path(__file__).parents[3] / "docs" / "machine-interface.md").read_text()
    for name in ("report", "pair", "waivers", "changelog"):
        for member in interface.schema(name)["properties"]:
            assert f"| `{member}`" in page
