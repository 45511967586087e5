"""Laws of containment for any two schemas, judged by two validators that know nothing of it."""

import json

import jsonschema
import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.containment.decide import Contained, Refuted

NAMES = st.sampled_from("abc")
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 4),
        st.sampled_from([0.5, 1.5]),
        st.text(st.sampled_from("ab1"), max_size=3),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)
SMALL = st.integers(0, 2)
LEAVES = st.sampled_from(
    [True, False, {}, {"type": "string"}, {"type": "integer"}, {"type": ["null", "array"]},
     {"const": "a"}, {"enum": [0, "a", [1], {"a": 1}]}, {"minimum": 1}, {"maxLength": 1},
     {"pattern": "^a"}, {"multipleOf": 2}, {"exclusiveMaximum": 1.5}]
)  # fmt: skip


def _objects(inner):
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string", "number", ["object", "null"]]),
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=1),
            "additionalProperties": inner,
            "unevaluatedProperties": inner,
            "propertyNames": inner,
            "required": st.lists(NAMES, unique=True, max_size=2),
            "dependentRequired": st.just({"a": ["b"]}),
            "dependentSchemas": st.fixed_dictionaries({"a": inner}),
            "minProperties": SMALL,
            "maxProperties": SMALL,
            "prefixItems": lists,
            "items": inner,
            "unevaluatedItems": inner,
            "contains": inner,
            "minItems": SMALL,
            "maxItems": SMALL,
            "uniqueItems": st.just(True),
            "anyOf": lists,
            "oneOf": lists,
            "allOf": lists,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "minLength": SMALL,
            "$ref": st.just("#/$defs/other"),
        },
    )


# Few keywords at a time: a schema of many contradicts itself, and contains everything.
def _few(inner):
    return _objects(inner).map(lambda schema: dict(list(schema.items())[:3]))


SCHEMAS = st.recursive(LEAVES, _few, max_leaves=6).filter(lambda schema: isinstance(schema, dict))
PAIRS = st.tuples(SCHEMAS, SCHEMAS, st.dictionaries(st.just("other"), LEAVES, min_size=1))
LAW = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _whole(schema, others):
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "$defs": others,
    }


@LAW
@given(PAIRS, st.lists(VALUES, min_size=5, max_size=10))
def test_an_answer_is_never_contradicted(ask, pair, values):
    old, new = (_whole(schema, pair[2]) for schema in pair[:2])
    answer = ask(old, new)
    fast = [jsonschema_rs.validator_for(schema) for schema in (old, new)]
    if isinstance(answer, Contained):
        for value in values:
            assert not fast[0].is_valid(value) or fast[1].is_valid(value), value
    elif isinstance(answer, Refuted):
        slow = [jsonschema.Draft202012Validator(schema) for schema in (old, new)]
        for validators in (fast, slow):
            assert [v.is_valid(answer.value) for v in validators] == [True, False], answer


@LAW
@given(SCHEMAS)
def test_a_schema_contains_itself_however_it_is_written(ask, schema):
    others = {"other": {"type": "integer"}}
    reordered = json.loads(json.dumps(schema, sort_keys=True))
    for same in (schema, reordered, {"allOf": [schema]}, {"not": {"not": schema}}):
        assert not isinstance(ask(_whole(schema, others), _whole(same, others)), Refuted)
