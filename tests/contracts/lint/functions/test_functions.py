"""Runs `cases/<function>.yaml`: options, a value, and the results as paths with their messages."""

from pathlib import Path

import pytest

from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats.yaml import parse
from contracts.lint.function import MISSING, Context, UnsupportedError
from contracts.lint.functions import FUNCTIONS

CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in parse(path.read_bytes(), source=path.name).root
]


def run(name, case):
    root = case.get("root")
    context = Context(
        Document("case", root, {}),
        root,
        property=case.get("property", "it"),
        references=lambda: frozenset(case.get("references", [])),
    )
    value = case.get("value", MISSING)
    return list(FUNCTIONS[name](value, case.get("options", {}), context))


@pytest.mark.parametrize(("name", "case"), [c for c in CASES if "expect" in c.values[1]])
def test_finds_exactly_what_the_case_says(name, case):
    found = run(name, case)
    assert [list(result.path) for result in found] == [e.get("path", []) for e in case["expect"]]
    for result, expected in zip(found, case["expect"], strict=True):
        assert expected.get("says", "") in result.message


@pytest.mark.parametrize(("name", "case"), [c for c in CASES if "refused" in c.values[1]])
def test_refuses_options_that_make_no_sense(name, case):
    with pytest.raises((TreatyError, UnsupportedError)) as caught:
        run(name, case)
    assert case["refused"] in str(caught.value)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_firing_and_a_silent_case(name):
    expected = [
        c.values[1]["expect"] for c in CASES if c.values[0] == name and "expect" in c.values[1]
    ]
    assert any(expected), f"{name} has no case in which it fires"
    assert not all(expected), f"{name} has no near miss"
