"""Levels: what is reached, what is missing for the next one, and the cheapest fixes first."""

from pathlib import Path

import pytest

from contracts.formats.yaml import parse
from contracts.lint import documentation
from contracts.lint.levels import DEMANDS, LintLevel, level_named, level_of

CASES = parse((Path(__file__).parent / "cases.yaml").read_bytes(), source="cases.yaml").root
BASELINE = [demand[0] for demand in DEMANDS[LintLevel.BASELINE]]
SILVER = BASELINE + [demand[0] for demand in DEMANDS[LintLevel.SILVER]]
RULES = {
    "baseline": BASELINE,
    "silver": SILVER,
    "gold": SILVER + [demand[0] for demand in DEMANDS[LintLevel.GOLD]],
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_levels(case, report):
    rules = sorted({*RULES[case["runs"]], *case.get("and", [])} - set(case.get("without", [])))
    findings = [
        {"rule": rule, "severity": "hint", "at": f"a.yaml {line} 1 /{line}"}
        for rule, count in case.get("breaks", {}).items()
        for line in range(1, count + 1)
    ]
    standing = level_of(report({"findings": findings, "rules": rules}))
    assert standing.level == case["level"]
    assert (standing.next or "") == case["next"]
    assert [gap.rule for gap in standing.cheapest] == case["cheapest"]
    assert all(gap.fix for gap in standing.gaps)
    assert standing.as_json()["cheapest"] == case["cheapest"]


def test_a_level_includes_those_before_it(report):
    standing = level_of(report({"findings": [], "rules": RULES["silver"]}))
    assert standing.reaches(LintLevel.NONE)
    assert standing.reaches(LintLevel.BASELINE)
    assert standing.reaches(LintLevel.SILVER)
    assert not standing.reaches(LintLevel.GOLD)


def test_every_rule_of_ours_that_a_level_demands_exists():
    demanded = {rule for demands in DEMANDS.values() for demand in demands for rule in demand}
    ours = {rule for rule in demanded if rule.startswith("treaty-")}
    assert ours <= set(documentation.names())
    assert level_named("treaty-owner") is LintLevel.BASELINE
    assert level_named("nothing") is None
