"""Flows walked over a journal in memory: cases in `cases/`, and the law of crashes."""

import json
from pathlib import Path

import pytest

from contracts.formats.yaml import parse_all
from orchestration.definition import Flow
from orchestration.mapping import MappingDocument
from orchestration.ownership import Ownership
from orchestration.rehearsal import Case, crashes, expectations, play
from orchestration.runs.program import build, content

HEAD = {
    "flow": "demo", "version": "1.0.0", "title": "Demo", "pattern": "event",
    "trigger": {"event": "demo.happened"}, "criticality": "normal", "owner": "team",
    "sla": "1h", "exceptions": {"to": "team", "sla": "1h"}, "key": "event.data.id",
    "systems": {"erp": {"contract": "demo.erp", "version": "1.0.0"}},
}  # fmt: skip
CASES = [
    pytest.param(
        json.loads(json.dumps(case.root, default=str)), id=f"{path.stem}-{case.root['name']}"
    )
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in parse_all(path.read_bytes(), source=path.name)
]


def read(case):
    flow = Flow.model_validate(HEAD | case.get("flow", {}) | {"steps": case["steps"]})
    mappings = [MappingDocument.model_validate(each) for each in case.get("mappings", [])]
    rules = [Ownership.model_validate(each) for each in case.get("ownership", [])]
    program = build(content(flow, {each.mapping: each for each in mappings}, rules))
    return program, Case(
        case["name"], case["event"], case.get("answers", {}), case.get("signals", {})
    )


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    assert expectations(play(*read(case)), case["expect"]) == []


@pytest.mark.parametrize("case", CASES)
def test_a_crash_at_any_record_changes_nothing(case):
    assert crashes(*read(case)) == []


def test_a_difference_is_told():
    program, case = read(CASES[0].values[0])
    (said,) = expectations(play(program, case), {"ends": {"done": None}})
    assert said.startswith("ends: expected")
