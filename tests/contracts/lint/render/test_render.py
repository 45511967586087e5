"""Lint results in every form: golden outputs in `cases/`, and what each form promises."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from contracts.baseline import Baseline, record
from contracts.formats.yaml import parse
from contracts.lint.judgement import judge
from contracts.lint.levels import LintLevel
from contracts.lint.reading import WORDS
from contracts.lint.render import FORMS, render

CASES = [
    pytest.param(parse(path.read_bytes(), source=path.name).root, id=path.stem)
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
]
NASTY = "\x1b[2J<script>@team`|\u202e\n::error::x"


def judged(case, report):
    made = report(case)
    known = record(f for f in made.findings if f.rule in case.get("known", []))
    extra = tuple(("f", rule, pointer) for rule, pointer in case.get("gone", []))
    return judge(
        made,
        threshold=WORDS[case.get("fails", "error")],
        required=LintLevel(case["required"]) if "required" in case else None,
        baseline=Baseline((*known.entries, *extra)),
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_golden(case, form, report):
    text = render([judged(case, report)], form)
    if form in ("json", "sarif", "gitlab"):
        assert json.loads(text) == json.loads(case[form])
    elif form == "html":
        assert text.partition("<body>")[2] == case[form]
    else:
        assert text == case[form]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(case, width, report):
    for line in render([judged(case, report)], "text", width=width).splitlines():
        assert len(line) <= width


@pytest.mark.parametrize("case", CASES)
def test_colour_only_when_asked(case, report):
    plain, coloured = (render([judged(case, report)], "text", colour=c) for c in (False, True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9]*m", "", coloured) == plain


@pytest.fixture
def nasty(report):
    short = {"rule": "r", "severity": "error", "message": NASTY, "at": "a.yaml 1 1 /x"}
    return [judge(report({"findings": [short], "source": NASTY, "unsupported": [NASTY]}))]


def test_a_document_cannot_steer_a_terminal_or_a_page(nasty):
    for form in ("text", "markdown", "html", "junit"):
        text = render(nasty, form)
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert NASTY not in render(nasty, "html")
    assert "<script" not in render(nasty, "html")
    page = render(nasty, "markdown")
    page = re.sub(r"`[^`]*`", "", page)  # a code span shows what it holds
    assert "<script>" not in page
    assert "@team" not in page


def test_a_document_cannot_write_commands_or_markup(nasty):
    assert len(render(nasty, "github").splitlines()) == 1
    suites = ET.fromstring(render(nasty, "junit"))
    assert len(list(suites.iter("failure"))) == 1
    for form in ("json", "sarif", "gitlab"):
        json.loads(render(nasty, form))


def test_several_documents(report):
    two = [judged({"findings": [], "source": name}, report) for name in ("a", "b")]
    assert [each["file"] for each in json.loads(render(two, "json"))["documents"]] == ["a", "b"]
    assert len(list(ET.fromstring(render(two, "junit")))) == 2
    assert json.loads(render(two, "gitlab")) == []


def test_unknown_forms_are_refused(report):
    with pytest.raises(KeyError):
        render([], "pdf")
