"""A file of waivers: read as it stands, or refused with every mistake and its line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from valid import VALID, assert_valid

from contracts.errors import TreatyError
from contracts.formats.yaml import parse
from contracts.waiverfile import MAX_WAIVERS, read

HERE = Path(__file__).parent
MISTAKES = parse((HERE / "cases" / "mistakes.yaml").read_bytes(), source="mistakes.yaml").root
GOOD = {
    "rule": "operation-removed",
    "pointer": "/paths/*/get",
    "reason": "Nobody calls it.",
    "owner": "delivery",
    "approver": "board",
    "expires": "2027-03-31",
}
TEXT = b"""\
schema_version: "1"
waivers:
- rule: operation-removed
  pointer: /paths/~1a/get
  operation: GET /a
  consumer: portal
  reason: Nobody calls it.
  owner: delivery
  approver: board
  expires: 2027-03-31
"""


def document(value, source="waivers.json"):
    return parse(json.dumps(value).encode(), source=source)


def of(*entries, **more):
    return {"schema_version": "1", "waivers": list(entries)} | more


def refusal(value):
    with pytest.raises(TreatyError) as refused:
        read(document(value))
    problem = refused.value.problem
    assert problem.type.slug == "invalid-request"
    assert all(each.file == "waivers.json" and each.line for each in problem.errors)
    return problem


def test_a_file_in_yaml():
    (waiver,) = read(parse(TEXT, source="waivers.yaml"))
    assert (waiver.rule, waiver.operation, waiver.consumer) == (
        "operation-removed", "GET /a", "portal",
    )  # fmt: skip
    assert (waiver.expires.isoformat(), waiver.place.line) == ("2027-03-31", 3)
    assert_valid("waivers", parse(TEXT, source="waivers.yaml").root)


def test_the_pointer_of_the_whole_document_is_empty():
    assert read(document(of(GOOD | {"pointer": ""})))[0].pointer == ""


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: str(case["change"]))
def test_a_mistake_is_named_at_its_place(case):
    entry = {k: v for k, v in (GOOD | case["change"]).items() if v is not None}
    problem = refusal(of(entry))
    assert any(e.pointer == case["at"] and case["says"] in e.detail for e in problem.errors)


def test_all_mistakes_are_named_at_once():
    problem = refusal(of(GOOD | {"reason": ""}, 3, GOOD | {"rule": ""}))
    assert {error.pointer for error in problem.errors} == {
        "/waivers/0/reason", "/waivers/1", "/waivers/2/rule",
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", [[], None, {}, {"schema_version": "1"}, of(waivers={}), of(GOOD, schema_version="2"),
              of(GOOD, more=1), of(*[GOOD] * (MAX_WAIVERS + 1))],
)  # fmt: skip
def test_what_is_no_file_of_waivers_is_refused(value):
    refusal(value)


texts = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.just([]))


@given(st.dictionaries(st.sampled_from([*GOOD, "operation", "x"]), texts))
def test_what_is_read_is_valid_by_the_schema_too(change):
    value = of({k: v for k, v in (GOOD | change).items() if v is not None})
    try:
        read(document(value))
    except TreatyError:
        return
    assert VALID["waivers"].is_valid(value)
