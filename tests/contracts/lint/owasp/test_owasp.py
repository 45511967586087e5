"""Runs `cases/<rule, : as _>.yaml`: a document and where the rule of the OWASP pack finds something."""

import json
from pathlib import Path

import pytest

from contracts.formats.yaml import parse
from contracts.lint.ruleset import pack
from contracts.lint.run import lint

HERE = Path(__file__).parent
RULES = pack("treaty:owasp").rules
CASES = [
    pytest.param(f"owasp:{path.stem.replace('_', ':')}", case, id=f"{path.stem}: {case['name']}")
    for path in sorted((HERE / "cases").glob("*.yaml"))
    for case in parse(path.read_bytes(), source=path.name).root
]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_finds_exactly_what_the_case_says(rule, case):
    base = {"openapi": "3.1.0", "info": {}, "paths": {}}
    document = {k: v for k, v in (base | case["document"]).items() if v is not None}
    text = json.dumps(document).encode()
    report = lint(parse(text, source="api.json"), pack("treaty:owasp"))
    found = sorted(f.place.pointer or "/" for f in report.findings if f.rule == rule)
    assert found == sorted(case["at"])
    assert report.unsupported == ()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_firing_and_a_silent_case(rule):
    found = [bool(case.values[1]["at"]) for case in CASES if case.values[0] == rule]
    assert any(found), f"{rule} has no case in which it fires"
    assert not all(found), f"{rule} has no near miss"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_says_why_and_what_to_do(rule):
    assert rule.description.endswith(".")
    assert rule.fix.endswith(".")
    assert rule.name.startswith("owasp:api")
    assert rule.documentation == f"docs/lint.md#{rule.name}"
