"""Runs `cases/*.yaml`: a document and where a rule of `spectral:oas` finds something, how severe.

A document without a version is OpenAPI 3.0.3. The rule runs alone, recommended or not.
"""

import json
from pathlib import Path

import pytest

from contracts.formats.yaml import parse
from contracts.lint.ruleset import loads, pack
from contracts.lint.run import lint

HERE = Path(__file__).parent
RULES = pack("spectral:oas").rules
CASES = [
    pytest.param(case, id=f"{case['rule']}: {case['name']}")
    for path in sorted((HERE / "cases").glob("*.yaml"))
    for case in parse(path.read_bytes(), source=path.name).root
]


def alone(rule):
    text = json.dumps({"extends": [["spectral:oas", "off"]], "rules": {rule: True}}).encode()
    return loads(text, "alone.json", {}.__getitem__)


@pytest.mark.parametrize("case", CASES)
def test_finds_exactly_what_the_case_says(case):
    document = case["document"]
    if not {"openapi", "swagger"} & set(document):
        document = {"openapi": "3.0.3", **document}
    report = lint(parse(json.dumps(document).encode(), source="api.json"), alone(case["rule"]))
    found = [
        f"{f.severity.word} {f.place.pointer or '/'}"
        for f in report.findings
        if f.rule == case["rule"]
    ]
    assert sorted(found) == sorted(case["at"])
    assert report.unsupported == ()
    for said in case.get("says", []):
        assert any(said in f.message for f in report.findings)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_firing_and_a_silent_case(rule):
    found = [bool(case.values[0]["at"]) for case in CASES if case.values[0]["rule"] == rule]
    assert any(found), f"{rule} has no case in which it fires"
    assert not all(found), f"{rule} has no near miss"


def test_every_case_is_about_a_rule_of_the_pack():
    assert {case.values[0]["rule"] for case in CASES} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_says_why_and_what_to_do(rule):
    assert rule.description.endswith(".")
    assert rule.fix.endswith(".")
