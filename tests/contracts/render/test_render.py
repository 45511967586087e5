"""Reports for people and machines: golden texts in `cases/`, and what each form promises.

A case holds findings in short and the expected output per form.
"""

import json
import re
from pathlib import Path

import pytest

from contracts.document import Place
from contracts.formats.yaml import parse
from contracts.render import FORMS, render
from contracts.report import Bump, Certainty, Direction, Effect, Finding, Level, Report, Verdict

CASES = [
    pytest.param(parse(path.read_bytes(), source=path.name).root, id=path.stem)
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
]


def finding(short):
    def place(text):
        file, line, column, pointer = text.split(" ") if text else ("", 1, 1, "")
        return Place(pointer, file, int(line), int(column)) if text else None

    return Finding(
        rule=short["rule"],
        level=Level(short["level"]),
        direction=Direction(short.get("direction", "request")),
        effect=Effect(short.get("effect", "narrows")),
        message=short["message"],
        old=place(short.get("old")),
        new=place(short.get("new")),
        operation=short.get("operation", ""),
        fix=short.get("fix", ""),
        waived=short.get("waived", False),
        witness=short.get("witness"),
        certainty=Certainty(short.get("certainty", "noted")),
        waiver=short.get("waiver"),
    )


def report(case):
    return Report(
        verdict=Verdict(case["verdict"]),
        required_bump=Bump(case["bump"]),
        findings=tuple(finding(short) for short in case["findings"]),
        old_version=case.get("old", ""),
        new_version=case.get("new", ""),
        stats={"seconds": 0.01, "nodes": 3},
    )


@pytest.mark.parametrize("case", CASES)
def test_text(case):
    assert render(report(case), "text") == case["text"]


@pytest.mark.parametrize("case", CASES)
def test_markdown(case):
    assert render(report(case), "markdown") == case["markdown"]


@pytest.mark.parametrize("case", [case for case in CASES if "github" in case.values[0]])
def test_github(case):
    assert render(report(case), "github") == case["github"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(case, width):
    for line in render(report(case), "text", width=width).splitlines():
        assert len(line) <= width


@pytest.mark.parametrize("case", CASES)
def test_narrow_text_says_the_same(case):
    wide, narrow = (render(report(case), "text", width=width) for width in (200, 40))
    assert re.sub(r"\s+", "", narrow) == re.sub(r"\s+", "", wide)


@pytest.mark.parametrize("case", CASES)
def test_json_is_the_machine_interface(case):
    assert json.loads(render(report(case), "json")) == report(case).as_json()


@pytest.mark.parametrize("case", CASES)
def test_colour_only_when_asked_and_only_beside_words(case):
    plain, coloured = (render(report(case), "text", colour=colour) for colour in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9]*m", "", coloured) == plain


def test_a_document_cannot_steer_the_terminal_or_the_page():
    nasty = finding(
        {
            "rule": "type-changed",
            "level": "error",
            "message": "property `\x1b[2J|<script>@team\u202e` changed",
            "old": "a`|b.yaml 1 1 /x",
        }
    )
    made = Report(Verdict.BREAKING, Bump.MAJOR, (nasty,))
    for form in ("text", "markdown"):
        text = render(made, form)
        assert "\x1b" not in text
        assert "\u202e" not in text
    page = render(made, "markdown")
    assert "<script>" not in page
    assert "@team" not in page
    row = next(line for line in page.splitlines() if line.startswith("| `type-changed`"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 4


def test_a_long_report_is_cut_off_for_code_hosts():
    many = tuple(
        finding(
            {"rule": "type-changed", "level": "error", "message": f"m{i}", "old": f"f {i} 1 /{i}"}
        )
        for i in range(150)
    )
    page = render(Report(Verdict.BREAKING, Bump.MAJOR, many), "markdown")
    assert "| … | and 50 more | |" in page
    assert page.startswith("### ❌ breaking: 150 errors, 0 warnings, 0 notes;")


def test_unknown_forms_are_refused():
    with pytest.raises(KeyError):
        render(Report(Verdict.COMPATIBLE, Bump.NONE, ()), "pdf")
    names = {"text", "json", "markdown", "html", "github", "gitlab", "sarif", "junit"}
    assert set(FORMS) == names
