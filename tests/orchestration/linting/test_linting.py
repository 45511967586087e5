"""Mistakes in flows and mappings: cases in `cases/`, each with the line and what is said of it."""

import json
from pathlib import Path

import pytest
from flow_world import CONTRACT

from contracts.errors import TreatyError
from contracts.formats.yaml import parse_all
from orchestration.__main__ import main
from orchestration.linting import lint
from orchestration.shelf import load

HEAD = """\
flow: demo
version: 1.0.0
title: Demo
pattern: event
trigger: {event: demo.happened}
criticality: normal
owner: team
sla: 1h
exceptions: {to: team, sla: 1h}
key: event.data.id
systems: {erp: {contract: demo.erp, version: 1.0.0}}
steps:
"""
MAPPING = """\
mapping: customer
version: 1.0.0
title: Customer
target: {contract: demo.erp, version: 1.0.0, operation: upsertCustomer, part: request}
expression: '{"name": name}'
examples: [{input: {name: Acme}, output: {name: Acme}}]
"""
CASES = [
    pytest.param(json.loads(json.dumps(case.root)), id=case.root["name"])
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in parse_all(path.read_bytes(), source=path.name)
]


def folder_of(root, case):
    for name in ("flows", "mappings", "contracts", "ownership"):
        (root / name).mkdir()
    if "ownership" in case:
        (root / "ownership" / "rules.yaml").write_text(case["ownership"])
    (root / "contracts" / "demo.erp-1.0.0.yaml").write_bytes(CONTRACT)
    (root / "mappings" / "customer.yaml").write_text(case.get("mapping", MAPPING))
    head = HEAD
    for old, new in case.get("head", {}).items():
        head = head.replace(old, new)
    (root / "flows" / "demo.yaml").write_text(head + case["steps"])
    return root


def mistakes(root):
    try:
        found = lint(load(root))
    except TreatyError as error:
        found = error.problem.errors
    return [f"{Path(each.file).name}:{each.line} {each.detail}" for each in found]


@pytest.mark.parametrize("case", CASES)
def test_case(case, tmp_path):
    assert mistakes(folder_of(tmp_path, case)) == case["says"]


def test_the_flows_that_ship_have_no_mistake():
    assert lint(load()) == []


def test_the_rehearsals_that_ship_go_as_written(capfd):
    assert main(["flows", "test"]) == 0
    shown = capfd.readouterr()
    assert shown.out.count("ok  ") == 16
    assert "0 failed" in shown.err
