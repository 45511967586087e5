"""Transforms: bodies in and out, expressions that are refused, and what stays exact."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psa_world import compiled

from contracts.errors import TreatyError
from contracts.formats import yaml
from policies.exchange import Exchange
from policies.jsontext import parse, write
from policies.kinds import KINDS
from policies.reshaping import ReshapeError, Watch, exact

HERE = Path(__file__).parent / "cases" / "bodies" / "transform.yaml"
CASES = [
    pytest.param(case, id=case["name"])
    for case in yaml.parse(HERE.read_bytes(), source="transform").root
]


def document(**spec):
    return yaml_text({"policy": "t", "kind": "transform", "spec": spec})


def yaml_text(value):
    return write(value)  # JSON is YAML


def rules(snapshot, operation="getProject"):
    (plan,) = (o for o in snapshot.contracts[0].operations if o.name == operation)
    return plan, plan.rules


@pytest.mark.parametrize("case", CASES)
def test_bodies(case):
    spec = {name: case[name] for name in ("request", "response", "max_bytes") if name in case}
    snapshot = compiled(document(**spec)).snapshot
    plan, found = rules(snapshot)
    (rule,) = (r for r in found if r.kind == "transform")
    enforcer = KINDS["transform"].build(rule.settings)
    headers = {"content-type": case.get("media", "application/json")}
    headers |= {"content-encoding": case["encoding"]} if "encoding" in case else {}
    exchange = Exchange("GET", "/", "", headers, "", "r", snapshot.contracts[0], plan)
    body = case["body"].encode()
    if "request" in case:
        exchange.request_body = body
        word = enforcer.on_request(exchange, None)
        after = exchange.request_body
    else:
        exchange.status, exchange.response_headers = case.get("status", 200), headers
        exchange.response_body = body
        word = enforcer.on_response(exchange, None)
        after = exchange.response_body
    if "slug" in case:
        assert word is not None
        assert word.problem.type.slug == case["slug"]
        assert case.get("says", "") in word.problem.detail
    else:
        assert word is None
        assert after.decode() == case["shows"]


def test_the_order_is_transform_validate_mask_on_the_way_back():
    text = b"\n---\n".join(
        (
            document(request="$", response="$"),
            b"policy: v\nkind: validate-response",
            b"policy: r\nkind: validate-request",
        )
    )
    _, found = rules(compiled(text).snapshot, "updateProject")
    order = [(r.kind, r.settings.get("part")) for r in found]
    kinds = [kind for kind, _ in order]
    assert order.index(("transform", "response")) < kinds.index("validate-response")
    assert kinds.index("validate-response") < kinds.index("mask")
    assert kinds.index("validate-request") < order.index(("transform", "request"))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({}, "give `request`"),
        ({"response": '{"a"'}, "does not compile"),
        ({"response": "$lenght(name)"}, r"\$lenght"),
        ({"response": "$eval(name)"}, r"\$eval"),
        ({"response": "$now()"}, r"\$now"),
        ({"response": " "}, "pattern"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_its_place(spec, says):
    with pytest.raises(TreatyError, match=says) as refused:
        compiled(document(**spec))
    assert refused.value.problem.errors[0].file == "policies.yaml"


SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9)
VALUES = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), VALUES))
def test_numbers_stay_what_they_are_or_are_refused(value):
    text = write(value)
    try:
        plain = exact(parse(text))
    except ReshapeError:
        return
    assert write(Watch().checked(plain)) == text


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y", "z"])))
def test_no_classified_text_leaves_under_another_name(before):
    watch = Watch("abc", "a")
    hidden = {before["a"]} - {before.get("b"), before.get("c")} if "a" in before else set()
    for text in ("x", "y", "z"):
        try:
            assert watch.checked({"b": [text]}, before)
        except ReshapeError:
            assert text in hidden
        else:
            assert text not in hidden
