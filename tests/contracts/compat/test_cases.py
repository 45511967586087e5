"""Runs `cases/<check-id>.yaml`: two versions and exactly what is found between them.

A case names the short form (`as`, see conftest.py) of both sides; pointers are compared at their end.
"""

from pathlib import Path

import pytest

from contracts.compat.checks import CHECKS
from contracts.formats.yaml import parse

HERE = Path(__file__).parent


def load():
    for path in sorted((HERE / "cases").glob("*.yaml")):
        for case in parse(path.read_bytes(), source=path.name).root:
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", list(load()))
def test_finds_exactly_what_the_case_says(case, judge):
    found = judge(case).findings
    assert sorted((f.rule, f.level, f.direction) for f in found) == sorted(
        (e["rule"], e["level"], e["direction"]) for e in case["expect"]
    ), [f.message for f in found]
    for expected in case["expect"]:
        for side in ("old", "new"):
            if side in expected:
                pointers = {getattr(f, side).pointer for f in found if f.rule == expected["rule"]}
                assert any(pointer.endswith(expected[side]) for pointer in pointers), pointers


def test_every_check_has_a_file_with_a_firing_and_a_silent_case():
    for check in CHECKS:
        path = HERE / "cases" / f"{check.id}.yaml"
        cases = parse(path.read_bytes(), source=path.name).root
        fires = [check.id in {e["rule"] for e in case["expect"]} for case in cases]
        assert any(fires), f"{check.id} has no case in which it fires"
        assert not all(fires), f"{check.id} has no near miss"


def test_every_case_file_belongs_to_a_check():
    assert {p.stem for p in (HERE / "cases").glob("*.yaml")} == {check.id for check in CHECKS}


def test_messages_end_a_sentence_about_a_place_people_know(judge):
    for param in load():
        case = param.values[0]
        for finding in judge(case).findings:
            assert not finding.message.endswith("."), finding.message
            assert finding.operation or ":" in finding.message, finding.message
            assert finding.fix or finding.level == "info", finding.rule
