"""Runs `cases.yaml`: two schemas, and whether the new one accepts all that the old one accepts."""

from pathlib import Path

import pytest

from contracts.containment.decide import Contained, Refuted, Undecided
from contracts.formats.yaml import parse

HERE = Path(__file__).parent
CASES = parse((HERE / "cases.yaml").read_bytes(), source="cases.yaml").root
KINDS = {"contained": Contained, "refuted": Refuted, "undecided": Undecided}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_answers_as_the_case_says(case, ask):
    answer = ask(case["old"], case["new"], lenient=case.get("lenient", False))
    assert isinstance(answer, KINDS[case["answer"]]), answer
    if "witness" in case:
        assert answer.value == case["witness"]
    if isinstance(answer, Undecided):
        assert answer.reason


def test_a_used_budget_is_undecided_and_never_a_guess(ask):
    def branches(word):
        return [{"type": "object", "properties": {f"{word}{i}": {"enum": [i]}}} for i in range(40)]

    answer = ask({"allOf": branches("a")}, {"oneOf": branches("b")}, budget=200)
    assert answer == Undecided("it would take too many steps")


def test_deep_nesting_is_undecided(ask):
    old, new = {"type": "string"}, {"type": "integer"}
    for _ in range(90):
        old, new = ({"type": "object", "properties": {"a": side}} for side in (old, new))
    assert isinstance(ask(old, new), Undecided)


def test_many_enumeration_values_are_no_trouble(ask):
    values = [f"value-{i}" for i in range(5_000)]
    assert ask({"enum": values}, {"enum": [*reversed(values)]}) == Contained()
    assert ask({"enum": values}, {"enum": values[:-1]}) == Refuted("value-4999")
