"""A report retold: which change stands where, and what each form makes of it."""

import json
from pathlib import Path

import pytest
from valid import assert_valid

from contracts import changelog
from contracts.document import Place
from contracts.formats.yaml import parse
from contracts.render.changelog import FORMS
from contracts.report import Bump, Certainty, Direction, Effect, Finding, Level, Report, Verdict

PATH = Path(__file__).parent / "cases" / "kinds.yaml"
CASE = parse(PATH.read_bytes(), source=PATH.name).root


def finding(short):
    def place(pointer):
        return Place(pointer, "f.yaml", 1, 1) if pointer else None

    return Finding(
        rule=short["rule"],
        level=Level(short["level"]),
        direction=Direction.REQUEST,
        effect=Effect.CHANGES,
        message=short["message"],
        old=place(short.get("old", f"/{short['message']}")),
        new=place(short.get("new")),
        operation=short.get("operation", ""),
        certainty=Certainty(short.get("certainty", "noted")),
    )


def log(findings=None, verdict=Verdict.BREAKING, bump=Bump.MAJOR, versions=("1.0.0", "2.0.0")):
    found = tuple(map(finding, CASE["findings"])) if findings is None else findings
    return changelog.of(Report(verdict, bump, found, *versions))


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_changelog_reads_as_the_case_says(form):
    assert FORMS[form](log(), 80) == CASE[form]


def test_the_json_form_is_described_completely():
    told = json.loads(FORMS["json"](log(), 80))
    assert_valid("changelog", told)
    count = sum(len(c["fingerprints"]) for s in told["sections"] for c in s["changes"])
    assert count == len(CASE["findings"])


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(map(len, FORMS["text"](log(), width).splitlines())) <= width


def test_the_page_escapes_what_it_tells():
    page = FORMS["html"](log(), 80)
    assert "&lt;https://x&gt;" in page
    assert "<https" not in page
    assert "<code>status</code>" in page


@pytest.mark.parametrize(
    ("verdict", "bump", "said"),
    [
        (Verdict.COMPATIBLE, Bump.NONE, "Nothing changed."),
        (Verdict.COMPATIBLE, Bump.PATCH, "Only words changed"),
        (Verdict.UNDECIDED, Bump.NONE, "not decided"),
    ],
)
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_changelog_without_changes_says_so(form, verdict, bump, said):
    assert said in FORMS[form](log((), verdict, bump), 80)


def test_versions_that_nobody_stated_are_not_invented():
    assert FORMS["text"](log((), Verdict.COMPATIBLE, Bump.NONE, ("", "")), 80).startswith(
        "Changes\n"
    )
