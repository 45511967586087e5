"""Who is hit by a change: uses read from flow documents, joined with findings."""

import pytest

from contracts.compat.judge import Request, Text, judge
from contracts.flowuse import hits, uses
from contracts.formats import read

OLD = b"""
openapi: 3.1.0
info: {title: ERP, version: 1.0.0}
paths:
  /a: {get: {operationId: getA, responses: {'200': {description: A}}}}
  /b:
    post:
      operationId: makeB
      requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}
      responses: {'201': {description: B}}
"""
FLOW = {
    "flow": {
        "flow": "demo", "version": "2.0.0",
        "systems": {"erp": {"contract": "x.erp", "version": "1.0.0"}, "other": {"contract": "y", "version": "1.0.0"}},
        "steps": [
            {"step": "a", "call": "erp.getA"},
            {"step": "c", "choose": [{"steps": [{"step": "b", "call": "erp.makeB", "find": {"call": "erp.findB"}}]}]},
            {"step": "d", "call": "other.getA"},
        ],
    },
    "mappings": {
        "to-b": {"target": {"contract": "x.erp", "version": "1.0.0"}},
        "from-y": {"source": {"input": {"contract": "y", "version": "1.0.0"}}},
    },
}  # fmt: skip


def test_what_a_flow_uses():
    (use,) = uses(FLOW, "x.erp")
    assert use.operations == ("findB", "getA", "makeB")
    assert (use.mappings, use.contract_version) == (("to-b",), "1.0.0")
    assert list(uses(FLOW, "nobody")) == []


@pytest.mark.parametrize(
    ("change", "operations"),
    [
        ((b"/a:", b"/z:"), [("getA",)]),
        ((b"n: {type: integer}", b"n: {type: string}"), [("makeB",)]),
        ((b"description: A", b"description: Another"), []),
    ],
)
def test_a_change_hits_what_it_breaks(change, operations):
    new = OLD.replace(*change)
    assert new != OLD
    report = judge(Text(OLD, "old.yaml"), Text(new, "new.yaml"), Request())
    found = hits(uses(FLOW, "x.erp"), report, read(OLD, source="old.yaml"))
    assert [hit.operations for hit in found] == operations
