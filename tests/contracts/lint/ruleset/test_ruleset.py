"""Runs `cases/*.yaml`: ruleset files, a document, and the findings or the refusal with its line.

`main` is the ruleset that is loaded; `files` are what it may extend.
"""

import json
from pathlib import Path

import pytest

from contracts.errors import TreatyError
from contracts.formats.yaml import parse
from contracts.lint.ruleset import loads
from contracts.lint.run import lint

HERE = Path(__file__).parent
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((HERE / "cases").glob("*.yaml"))
    for case in parse(path.read_bytes(), source=path.name).root
]
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "T", "contact": {"name": "N"}},
    "paths": {"/a": {"get": {"summary": "s"}, "post": {}}},
}


def load(case):
    files = {name: text.encode() for name, text in case.get("files", {}).items()}
    return loads(case["main"].encode(), case.get("at", "main.yaml"), files.__getitem__)


def run(case):
    text = json.dumps(case.get("document", DOCUMENT)).encode()
    return lint(parse(text, source=case.get("source", "api.json")), load(case))


@pytest.mark.parametrize("case", [c for c in CASES if "expect" in c.values[0]])
def test_finds_exactly_what_the_case_says(case):
    report = run(case)
    found = [
        f"{f.severity.word} {f.rule} {f.place.pointer or '/'}"
        + (f": {f.message}" if "messages" in case else "")
        for f in report.findings
    ]
    assert sorted(found) == sorted(case["expect"])
    unsupported = [str(entry) for entry in report.unsupported]
    assert len(unsupported) == len(case.get("unsupported", [])), unsupported
    for said, wanted in zip(unsupported, case.get("unsupported", []), strict=True):
        assert wanted in said


@pytest.mark.parametrize("case", [c for c in CASES if "refused" in c.values[0]])
def test_refuses_with_a_sentence_and_a_line(case):
    with pytest.raises(TreatyError) as caught:
        run(case)
    assert case["refused"] in caught.value.problem.detail
    if "line" in case:
        assert caught.value.problem.errors[0].line == case["line"]
