"""Ways a classified value could slip past a mask; each one is closed."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import TreatyError
from contracts.formats import read
from policies import patterns
from policies.maskprogram import compile_program
from policies.maskview import View

JSON = "application/json"
REVEAL = ({"scopes": ["f"], "categories": ["financial"], "sensitivity": []},)


def secret(category="PII", strategy="full", **masking):
    return {
        "x-data-classification": {
            "category": category, "masking": {"strategy": strategy, **masking}
        }
    }  # fmt: skip


def body(schema, media=JSON):
    return {"description": "d", "content": {media: {} if schema is None else {"schema": schema}}}


def of(**properties):
    return {"type": "object", "properties": properties}


def program(responses, **schemas):
    document = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": responses}}},
        "components": {"schemas": schemas},
    }  # fmt: skip
    contract = read(json.dumps(document).encode(), source="t.json")
    return compile_program(contract, contract.operations[0])


def view(responses, scopes=(), **schemas):
    return View({"reveal": list(REVEAL), **program(responses, **schemas)}, frozenset(scopes))


def shown(view, value, status=200, media=JSON):
    nodes = view.entry(status, media)
    return value if nodes is None else view.apply(value, nodes, str)


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (of(mails={"type": "array", "items": secret()}), {"mails": ["CANARY"]}),
        (of(labels={"additionalProperties": secret()}), {"labels": {"k": "CANARY"}}),
        (of(labels={"patternProperties": {"^k": secret()}}), {"labels": {"k": "CANARY"}}),
        ({"type": "array", "items": secret()}, ["CANARY"]),
        ({"additionalProperties": secret()}, {"k": "CANARY"}),
        (secret(), "CANARY"),
        (of(a=ref("E"), b=ref("E")), {"a": "CANARY", "b": "CANARY"}),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_documented_or_not_it_is_hidden(schema, value, status):
    masked = shown(view({"200": body(schema)}, E={"allOf": [secret()]}), value, status)
    assert "CANARY" not in json.dumps(masked)


def test_two_classifications_of_one_name_are_each_revealed_by_their_own_rule():
    responses = {"200": body(of(x=secret())), "201": body(of(x=secret("financial")))}
    assert shown(view(responses, scopes="f"), {"x": "CANARY"}, 500) == {"x": "****"}


def test_below_a_revealed_name_the_hidden_ones_stay_hidden():
    schema = of(cost={**secret("financial"), **of(owner=secret())})
    masked = shown(view({"200": body(schema)}, scopes="f"), {"cost": {"owner": "CANARY"}}, 500)
    assert masked == {"cost": {"owner": "****"}}


@pytest.mark.parametrize(
    "responses",
    [
        {"200": {"description": "d", "content": {
            f"{JSON}; v=1": {"schema": of(x={})}, f"{JSON}; v=2": {"schema": of(x=secret())}}}},
        {"200": {"description": "d", "content": {
            "*/*": {"schema": of(x={})}, JSON: {"schema": of(x=secret())}}}},
        {"200": {"description": "d"}, "201": body(of(x=secret())), "default": body(of(y={}))},
        {"200": body(None), "201": body(of(x=secret())), "default": body(of(y={}))},
        {"200": body(of(x=secret()), "application/hal+json")},
    ],
)  # fmt: skip
def test_what_is_documented_loosely_is_masked_strictly(responses):
    assert shown(view(responses), {"x": "CANARY"}) == {"x": "****"}


@pytest.mark.parametrize(
    "discriminator",
    [
        {"propertyName": "kind"},
        {"propertyName": "kind", "mapping": {"c": "Cat"}},
        {"propertyName": "kind", "mapping": {"c": "#/components/schemas/Lone"}},
    ],
)
def test_subtypes_of_a_discriminator(discriminator):
    masker = view(
        {"200": body(ref("Pet"))},
        Pet={**of(kind={}), "discriminator": discriminator},
        Cat={"allOf": [ref("Pet"), of(owner=secret())]},
        Kitten={"allOf": [ref("Cat"), of(mother=secret())]},
        Lone=of(owner=secret(), mother=secret()),
    )
    value = {"owner": "CANARY", "mother": "CANARY"}
    assert "CANARY" not in json.dumps(shown(masker, value))


def test_a_classification_beside_a_reference_on_the_way():
    masker = view({"200": body(of(x=ref("A")))}, A={**ref("B"), **secret()}, B={"type": "string"})
    assert shown(masker, {"x": "CANARY"}) == {"x": "****"}


@pytest.mark.parametrize("keyword", ["$dynamicRef", "$recursiveRef"])
def test_references_that_depend_on_the_call_are_refused(keyword):
    with pytest.raises(TreatyError, match="cannot follow") as refused:
        program({"200": body(of(x={keyword: "#n"}, y=secret()))})
    assert refused.value.problem.type.slug == "invalid-contract"


def test_a_name_pattern_that_python_lacks_counts_as_matching_every_name():
    schema = {"patternProperties": {r"^\p{Lu}": secret(), "(a+)+$": secret()}}
    assert shown(view({"200": body(schema)}), {"x": "CANARY"}) == {"x": "****"}


def test_a_very_long_name_counts_as_matching():
    name = "x" * 10_000
    schema = {"patternProperties": {"^y": secret()}}
    assert shown(view({"200": body(schema)}), {name: "CANARY"}) == {name: "****"}


@pytest.mark.parametrize(
    ("masking", "says"),
    [
        ({"keep": "x"}, "keep"),
        ({"keep": True}, "keep"),
        ({"keep": -1}, "keep"),
        ({"maskChar": "ab"}, "maskChar"),
        ({"replacement": 5}, "replacement"),
        ({"step": 1, "strategy": "generalize"}, "step"),
        ({"to": "hour", "strategy": "generalize"}, "period of dates"),
    ],
)
def test_masking_parameters_are_judged_when_they_are_compiled(masking, says):
    with pytest.raises(TreatyError, match=says):
        program({"200": body(of(x=secret(**{"strategy": "partial", **masking})))})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("note@4111 1111 1111 1111", "*" * 20 + "1111"),
        ("a@b", "****"),
        ("lead@mail.example.com", "****@mail.example.com"),
    ],
)
def test_partial_keeps_a_domain_and_nothing_that_only_has_an_at(value, expected):
    masker = view({"200": body(of(x=secret(strategy="partial")))})
    assert shown(masker, {"x": value}) == {"x": expected}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email", "masked@masked.invalid"),
        ("uuid", "00000000-0000-0000-0000-000000000000"),
        ("date", "0001-01-01"),
        ("date-time", "0001-01-01T00:00:00Z"),
        ("hostname", "****"),
    ],
)
def test_full_keeps_the_promised_format(name, expected):
    masker = view({"200": body(of(x={"format": name, **secret()}))})
    assert shown(masker, {"x": "CANARY"}) == {"x": expected}


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b", "((a+))+b", "(?:(?:a|a))*b", ".*.*.*x", r"(a)\1*", "(?P<x>a)(?P=x)", "(a?)*b",
        "(a{1,9}){1,99}", "a" * 201, "(", "a{1,}b{2,}c{3,}",
    ],
)  # fmt: skip
def test_patterns_that_could_take_long_are_refused(pattern):
    assert patterns.problem(pattern)


@pytest.mark.parametrize(
    "pattern", [r"\d{3}-\d{4}", "[^@]+@.+", r"^(..).*", "(ab)+", "[(*+|]+", r"\(\d+\)", "(a|b)c"]
)
def test_plain_patterns_are_taken(pattern):
    assert patterns.problem(pattern) is None


@settings(deadline=None)
@given(st.text(alphabet="ab.*+?(|)[]{,}12\\", max_size=14))
def test_what_is_taken_is_quick(pattern):
    if patterns.problem(pattern) is not None:
        return
    started = time.process_time()
    masker = view({"200": body(of(x=secret(strategy="regex", pattern=pattern)))})
    shown(masker, {"x": "a" * (patterns.MAX_INPUT - 1) + "!"})
    assert time.process_time() - started < 5


LEAVES = st.sampled_from([secret(), secret("contact", "partial"), secret("other", "remove")])
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda s: of(a=s), inner),
        st.builds(lambda s: {"type": "array", "items": s}, inner),
        st.builds(lambda s: {"additionalProperties": s}, inner),
        st.builds(lambda s: {"patternProperties": {"^a": s}}, inner),
        st.builds(lambda s, k: {k: [s, {}]}, inner, st.sampled_from(["allOf", "oneOf", "anyOf"])),
    ),
    max_leaves=1,
)


def instance(schema):
    """Return a value whose classified places hold the canary."""
    if "properties" in schema:
        return {"a": instance(schema["properties"]["a"])}
    if "items" in schema:
        return [instance(schema["items"])] * 2
    for keyword in ("additionalProperties", "patternProperties"):
        if keyword in schema:
            inner = schema[keyword]
            return {"a": instance(inner.get("^a", inner))}
    for keyword in ("allOf", "oneOf", "anyOf"):
        if keyword in schema:
            return instance(schema[keyword][0])
    return "CANARY"


@settings(deadline=None)
@given(SCHEMAS, st.sampled_from([200, 404, 500]), st.integers(0, 3))
def test_no_schema_lets_the_canary_out(schema, status, depth):
    value = instance(schema)
    if status != 200:
        for _ in range(depth):
            value = {"error": [value]}
    masked = shown(view({"200": body(schema)}), value, status)
    # partial keeps four characters of twelve or more; CANARY is shorter and hidden whole
    assert "CANARY" not in json.dumps(masked)
