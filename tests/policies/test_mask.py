"""Masks never leak: every strategy, every composition, and everything that cannot be judged."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.formats import read
from policies.jsontext import NotJsonError, parse, write
from policies.maskprogram import compile_program
from policies.maskview import View

JSON = {"content-type": "application/json"}
PROJECT = {
    "project_id": "PRJ-0001", "name": "Ledger", "budget_cost": "10.00", "margin_percent": "12.0",
    "project_manager": {"name": "Delivery Lead", "email": "lead@example.com"},
}  # fmt: skip


def view_of(schema, reveal=(), scopes=frozenset()):
    document = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {
            "description": "d", "content": {"application/json": {"schema": schema}}}}}}},
        "components": {"schemas": {"tree": {
            "type": "object",
            "properties": {"secret": secret(), "next": {"$ref": "#/components/schemas/tree"}},
            "additionalProperties": {"type": "array", "items": {"$ref": "#/components/schemas/tree"}},
        }}},
    }  # fmt: skip
    contract = read(json.dumps(document).encode(), source="t.json")
    program = compile_program(contract, contract.operations[0])
    return View({"reveal": list(reveal), **program}, scopes)


def secret(strategy="full", **masking):
    return {
        "x-data-classification": {
            "category": "PII", "sensitivity": "confidential",
            "masking": {"strategy": strategy, **masking},
        }
    }  # fmt: skip


def shown(view, value):
    return view.apply(value, view.entry(200, "application/json"), lambda text: f"#{len(text)}")


@pytest.mark.parametrize(
    ("leaf", "value", "expected"),
    [
        (secret(), "abc", "****"),
        (secret(), None, None),
        (secret(), 12, None),
        (secret(), True, None),
        (secret(), {"a": "b"}, {}),
        (secret(), ["a"], []),
        (secret("partial"), "lead@example.com", "****@example.com"),
        (secret("partial", keep=2), "0123456789", "********89"),
        (secret("partial", keep=2), "0123", "****"),
        (secret("partial", keep=2, maskChar="x"), "012345", "xxxx45"),
        (secret("regex", pattern="[0-9]", replacement="#"), "a1b2", "a#b#"),
        (secret("regex", pattern="[0-9]"), "1" * 5000, "****"),
        (secret("hash"), "abc", "#3"),
        (secret("generalize"), "1987-06-12", "1987-01-01"),
        (secret("generalize", to="month"), "1987-06-12T10:11:12Z", "1987-06-01T00:00:00Z"),
        (secret("generalize", to="decade"), "1987-06-12", "1980-01-01"),
        (secret("generalize"), "1010AB", "10****"),
        (secret("generalize", keep=3), "101010", "****"),
        (secret("generalize", step=1000), 4711, 4000),
        (secret("generalize", step=1000), -1, -1000),
        (secret("generalize", step=10), "49.99", "40"),
        (secret("generalize"), 4711, None),
        (secret("generalize", step=10), True, None),
    ],
)
def test_strategies(leaf, value, expected):
    view = view_of({"type": "object", "properties": {"a": leaf}})
    assert shown(view, {"a": value, "b": 1}) == {"a": expected, "b": 1}


def test_remove_takes_the_member_away_and_write_only_too():
    view = view_of({"properties": {"a": secret("remove"), "b": {"writeOnly": True}}})
    assert shown(view, {"a": 1, "b": 2, "c": 3}) == {"c": 3}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/tree"},
        {"allOf": [{"$ref": "#/components/schemas/tree"}, {"type": "object"}]},
        {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/tree"}]},
        {"anyOf": [{"allOf": [{"$ref": "#/components/schemas/tree"}]}]},
        {"if": {"type": "object"}, "then": {"$ref": "#/components/schemas/tree"}},
        {"type": "array", "items": {"$ref": "#/components/schemas/tree"}},
        {"prefixItems": [{"$ref": "#/components/schemas/tree"}]},
        {"patternProperties": {"^x": {"$ref": "#/components/schemas/tree"}}},
    ],
)
def test_through_every_composition(schema):
    inner = {"secret": "CANARY", "next": {"secret": "CANARY"}, "more": [{"secret": "CANARY"}]}
    value = [inner] if "items" in schema or "prefixItems" in schema else inner
    value = {"x1": inner} if "patternProperties" in schema else value
    assert "CANARY" not in json.dumps(shown(view_of(schema), value))


TREE = st.recursive(
    st.just({"secret": "CANARY"}) | st.just({}),
    lambda node: st.fixed_dictionaries({}, optional={
        "secret": st.sampled_from(["CANARY", ["CANARY"], {"a": "CANARY"}, 7, None]),
        "next": node, "plain": st.lists(node, max_size=3), "other": st.lists(node, max_size=2),
    }),
    max_leaves=20,
)  # fmt: skip


@settings(deadline=None)
@given(TREE)
def test_a_canary_never_comes_out_and_masking_twice_changes_nothing(tree):
    view = view_of({"$ref": "#/components/schemas/tree"})
    once = shown(view, tree)
    assert "CANARY" not in json.dumps(once)
    assert shown(view, once) == once


def test_the_most_restrictive_classification_wins():
    view = view_of(
        {"allOf": [{"properties": {"a": secret("partial")}}, {"properties": {"a": secret()}}]}
    )
    assert shown(view, {"a": "lead@example.com"}) == {"a": "****"}


def test_undocumented_status_hides_every_classified_name_at_any_depth():
    view = view_of({"properties": {"a": {"properties": {"b": secret()}}}})
    node = view.entry(500, "application/json")
    value = {"error": [{"b": "CANARY", "c": 1}]}
    assert view.apply(value, node, str) == {"error": [{"b": "****", "c": 1}]}


def test_views_by_scope(world):
    governed = world(
        b"policy: who\nkind: mask\nspec: {reveal: [{scopes: [projects.personal], categories: [PII, contact]},"
        b" {scopes: [projects.costs], categories: [financial]}]}"
    )
    for caller, hidden, clear in [
        ("reader", ["Delivery Lead", "lead@", "10.00", "12.0"], ["@example.com"]),
        ("people", ["10.00", "12.0"], ["Delivery Lead", "lead@example.com"]),
        ("everything", [], ["Delivery Lead", "lead@example.com", "10.00", "12.0"]),
    ]:
        exchange, _, denial = governed.call(headers={"authorization": f"Bearer {caller}"})
        assert denial is None
        assert governed.answer(exchange, 200, JSON, write(PROJECT)) is None
        text = exchange.response_body.decode()
        assert [word for word in hidden if word in text] == []
        assert [word for word in clear if word not in text] == []


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, JSON | {"content-encoding": "gzip"}, b"\x1f\x8b"),
        (200, JSON, b'{"budget_cost": '),
        (200, JSON, b'{"a": 1, "a": 2}'),
        (200, JSON, b'{"a": NaN}'),
        (200, JSON, b"\xff"),
        (200, JSON, b"[" * 100_000),
        (200, {"content-type": "text/html"}, b"<p>lead@example.com</p>"),
        (200, {}, b"lead@example.com"),
        (206, JSON, b'"lead@example.com"'),
        (500, {"content-type": "text/plain"}, b"lead@example.com"),
    ],
)
def test_what_cannot_be_judged_is_withheld(world, status, headers, body):
    governed = world()
    exchange, _, _ = governed.call(headers={"authorization": "Bearer reader"})
    denial = governed.answer(exchange, status, headers, body)
    assert denial.problem.type.slug == "response-not-maskable"
    assert "example.com" not in json.dumps(denial.problem.as_json())


def test_nothing_masked_means_not_a_byte_changed(world):
    governed = world()
    exchange, _, _ = governed.call("listProjects", {"authorization": "Bearer reader"})
    body = b'{ "items" : [ ],  "next": null, "total": 1.50 }'
    assert governed.answer(exchange, 200, JSON, body) is None
    assert exchange.response_body == body


@pytest.mark.parametrize("text", [b'{"a":10.00,"b":[1e5,-0.0],"c":"\xc3\xa9"}', b"[]", b'{"a":{}}'])
def test_numbers_survive_as_written(text):
    assert write(parse(text)) == text


def test_lone_surrogates_are_not_json():
    with pytest.raises(NotJsonError):
        write(parse(b'["\\ud800"]'))
