"""Runs `contracts.yaml`: a whole contract and changes to it, the level reached, the cheapest fixes."""

import copy
import json
from pathlib import Path

import pytest

from contracts import pointer as jp
from contracts.formats.yaml import parse
from contracts.lint.judgement import judge
from contracts.lint.levels import LintLevel
from contracts.lint.ruleset import default
from contracts.lint.run import lint

ROOT = parse((Path(__file__).parent / "contracts.yaml").read_bytes(), source="contracts.yaml").root
LEVELS = list(LintLevel)


def changed(changes):
    root = copy.deepcopy(ROOT["contract"])
    for pointer, value in changes.items():
        *above, last = jp.split(pointer)
        holder = root
        for step in above:
            holder = holder[int(step) if isinstance(holder, list) else step]
        if value is None:
            del holder[last]
        else:
            holder[last] = value
    return parse(json.dumps(root).encode(), source="api.json")


@pytest.mark.parametrize("case", ROOT["cases"], ids=lambda case: case["name"])
def test_a_contract_reaches_the_level_and_is_told_the_cheapest_way_on(case):
    report = lint(changed(case["changes"]), default())
    standing = judge(report).standing
    assert standing.level == case["level"]
    assert [gap.rule for gap in standing.cheapest] == case["cheapest"]
    assert all(gap.judged and gap.fix for gap in standing.cheapest)
    for level in LEVELS[1:]:
        gate = judge(report, required=level)
        assert gate.standing.reaches(level) is (LEVELS.index(level) <= LEVELS.index(case["level"]))
        assert gate.passes is (not gate.failing and gate.standing.reaches(level))


def test_each_level_is_reached_and_refused_by_some_case():
    reached = {case["level"] for case in ROOT["cases"]}
    assert reached == {level.value for level in LEVELS}
