"""Laws of every profile, whatever the schemas: reflexive, blind to order, both ways, always ends."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contracts.compat.mode import Mode, Policy, Profile
from contracts.compat.profiles import judge
from contracts.compat.profiles.emulation import EMULATIONS
from contracts.compat.profiles.matching import match
from contracts.compat.profiles.reading import Reader
from contracts.compat.profiles.walk import Walk
from contracts.document import Document
from contracts.report import Bump, Certainty, Verdict

PROFILES = st.sampled_from([Profile.CONFLUENT, Profile.APICURIO])
POLICIES = st.sampled_from(list(Policy))
DRAFTS = st.sampled_from(
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ]
)
NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.one_of(st.integers(0, 4), st.sampled_from([0.5, 1.5]))
LEAVES = st.one_of(
    st.booleans(),
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(
                ["string", "integer", "number", "null", ["string", "null"], ["integer"]]
            ),
            "minLength": NUMBERS,
            "pattern": st.sampled_from(["^a", "b"]),
            "format": st.sampled_from(["date", "email"]),
            "minimum": NUMBERS,
            "exclusiveMaximum": st.one_of(NUMBERS, st.booleans()),
            "multipleOf": NUMBERS,
            "enum": st.lists(st.sampled_from(["a", 1, True, None]), max_size=3),
            "const": st.sampled_from(["a", 1]),
            "default": st.just("a"),
        },
    ),
    st.sampled_from([{"$ref": "#"}, {"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b", "minLength": 1}]),
    st.sampled_from([None, 3, [], {"type": "strange"}, {"$ref": "elsewhere.json"}]),
)


def _several(children):
    some = st.lists(children, max_size=3)
    table = st.dictionaries(NAMES, children, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array"]),
            "properties": table,
            "patternProperties": table,
            "required": st.lists(NAMES, max_size=2),
            "additionalProperties": children,
            "unevaluatedProperties": children,
            "propertyNames": children,
            "dependencies": st.dictionaries(NAMES, st.one_of(children, some), max_size=1),
            "items": st.one_of(children, some),
            "prefixItems": some,
            "additionalItems": children,
            "contains": children,
            "allOf": some,
            "anyOf": some,
            "oneOf": some,
            "not": children,
            "if": children,
            "then": children,
            "$ref": st.sampled_from(["#/$defs/a", "#"]),
        },
    )


SCHEMAS = st.recursive(LEAVES, _several, max_leaves=8)
ROOTS = st.fixed_dictionaries(
    {"$schema": DRAFTS, "properties": st.dictionaries(NAMES, SCHEMAS, max_size=2)},
    optional={"$defs": st.dictionaries(NAMES, SCHEMAS, max_size=2), "anyOf": st.lists(SCHEMAS)},
)
RUNS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def ask(profile, old, new, mode=Mode.BACKWARD, policy=Policy.STRICT, **limits):
    sides = [Document(name, value, {}) for name, value in (("old", old), ("new", new))]
    return judge(profile, *sides, mode, policy, **limits)


def shuffled(value, chance):
    """Return the same schema with members and subschemas in another order."""
    if isinstance(value, dict):
        keys = chance.sample(list(value), len(value))
        return {key: _reordered(key, shuffled(value[key], chance), chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    return value


def _reordered(key, value, chance):
    if key in ("allOf", "anyOf", "oneOf", "enum", "required", "type") and isinstance(value, list):
        return chance.sample(value, len(value))
    return value


@RUNS
@given(PROFILES, POLICIES, ROOTS)
def test_a_schema_is_compatible_with_itself(profile, policy, schema):
    report = ask(profile, schema, json.loads(json.dumps(schema)), Mode.FULL, policy)
    assert (report.verdict, report.findings) == (Verdict.COMPATIBLE, ())
    assert report.required_bump is Bump.NONE


@RUNS
@given(PROFILES, ROOTS)
def test_walking_a_schema_against_itself_finds_nothing(profile, schema):
    """Without the shortcut for equal texts, so that the rules themselves are reflexive."""
    emulation = EMULATIONS[profile]
    readers = [Reader(Document(side, schema, {}), side) for side in "ab"]
    compatible = emulation.compatible(Policy.STRICT)
    walk = Walk(emulation.rules, compatible, None, 100_000)
    assert walk.judge(*(reader.root() for reader in readers)) == ()


@RUNS
@given(PROFILES, ROOTS, ROOTS, st.randoms(use_true_random=False))
def test_order_is_nothing(profile, old, new, chance):
    report = ask(profile, old, new)
    other = ask(profile, shuffled(old, chance), shuffled(new, chance))
    assert other.verdict is report.verdict


@RUNS
@given(PROFILES, POLICIES, ROOTS, ROOTS)
def test_full_is_backward_and_forward(profile, policy, old, new):
    verdicts = {ask(profile, old, new, m, policy).verdict for m in (Mode.BACKWARD, Mode.FORWARD)}
    full = ask(profile, old, new, Mode.FULL_TRANSITIVE, policy).verdict
    ranks = [Verdict.BREAKING, Verdict.UNDECIDED, Verdict.COMPATIBLE]
    assert full is min(verdicts, key=ranks.index)
    assert ask(profile, old, new, Mode.NONE, policy).verdict is Verdict.COMPATIBLE


@RUNS
@given(PROFILES, ROOTS, ROOTS)
def test_what_strict_lets_pass_lenient_does(profile, old, new):
    if ask(profile, old, new).verdict is Verdict.COMPATIBLE:
        negated = "not" in json.dumps([old, new])
        lenient = ask(profile, old, new, policy=Policy.LENIENT).verdict
        assert lenient is Verdict.COMPATIBLE or negated


@RUNS
@given(
    st.integers(0, 6), st.integers(0, 6), st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)))
)
@example(2, 2, {(0, 0), (0, 1), (1, 0)})
def test_the_matching_is_a_largest_one(left, right, edges):
    pairs = match(
        [f"l{i}" for i in range(left)],
        [f"r{i}" for i in range(right)],
        lambda i, j: (i, j) in edges,
    )
    assert set(pairs.items()) <= edges
    assert len(set(pairs.values())) == len(pairs)
    assert len(pairs) == _largest(left, right, edges, 0, frozenset())


def _largest(left, right, edges, at, used):
    if at == left:
        return 0
    skip = _largest(left, right, edges, at + 1, used)
    takes = [
        1 + _largest(left, right, edges, at + 1, used | {j})
        for j in range(right)
        if (at, j) in edges and j not in used
    ]
    return max([skip, *takes])


def _nested(keyword, depth, leaf):
    schema = leaf
    for _ in range(depth):
        schema = {keyword: [schema]} if keyword == "anyOf" else {keyword: schema}
    return schema


@pytest.mark.parametrize("profile", [Profile.CONFLUENT, Profile.APICURIO])
@pytest.mark.parametrize("keyword", ["items", "not", "additionalProperties", "anyOf"])
def test_a_thousand_levels_are_decided_within_the_budget(profile, keyword):
    old, new = (_nested(keyword, 1000, {"type": t}) for t in ("string", "boolean"))
    assert ask(profile, old, new).verdict is Verdict.BREAKING
    assert ask(profile, old, old, Mode.FULL).verdict is Verdict.COMPATIBLE
    short = ask(profile, old, new, budget=900)
    assert short.verdict is Verdict.UNDECIDED
    assert {f.certainty for f in short.findings} == {Certainty.UNDECIDED}


@pytest.mark.parametrize("profile", [Profile.CONFLUENT, Profile.APICURIO])
def test_types_that_all_refer_to_each_other_are_decided(profile):
    def schema(kind):
        refs = [{"$ref": f"#/definitions/d{i}"} for i in range(12)]
        types = {f"d{i}": {"anyOf": [*refs, {"type": kind, "minimum": i}]} for i in range(12)}
        return {"definitions": types, "$ref": "#/definitions/d0"}

    assert ask(profile, schema("integer"), schema("number")).verdict is Verdict.COMPATIBLE


@pytest.mark.parametrize("profile", [Profile.CONFLUENT, Profile.APICURIO])
def test_circles_of_references_end(profile):
    circle = {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
    }
    assert ask(profile, circle, {"type": "string"}).verdict is Verdict.UNDECIDED
    assert ask(profile, circle, {**circle, "title": "x"}).verdict is not Verdict.BREAKING


@pytest.mark.parametrize("profile", [Profile.CONFLUENT, Profile.APICURIO])
def test_a_refuted_assumption_reaches_the_pairs_that_stood_on_it(profile):
    """The pair under `b` is judged while the root is assumed; the root fails through `v` later."""

    def schema(kind):
        tree = {"oneOf": [{"type": "null"}, {"$ref": "#/definitions/node"}]}
        node = {"type": "object", "properties": {"b": tree, "v": {"type": kind}}}
        return {"definitions": {"node": node}, "properties": {"r": tree, "n": tree}}

    assert ask(profile, schema("integer"), schema("number")).verdict is Verdict.COMPATIBLE
    assert ask(profile, schema("number"), schema("integer")).verdict is Verdict.BREAKING


@pytest.mark.parametrize("profile", [Profile.CONFLUENT, Profile.APICURIO])
def test_the_budget_ends_a_product_of_choices(profile):
    old, new = (
        {"anyOf": [{"enum": [i], "title": side} for i in range(400)]} for side in ("old", "new")
    )
    assert ask(profile, old, new, budget=500).verdict is Verdict.UNDECIDED
    assert ask(profile, old, new).verdict is Verdict.COMPATIBLE
