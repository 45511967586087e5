"""Laws that hold for any schema: reflexive, blind to order and refactors, symmetric."""

import json
from copy import deepcopy

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.compat.run import compare
from contracts.formats import read
from contracts.report import Bump, Direction, Effect, Verdict

NAMES = st.sampled_from(["a", "b", "c", "id"])
SCALARS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 3),
            "maxLength": st.integers(3, 9),
            "format": st.sampled_from(["date", "uuid", "password"]),
            "pattern": st.sampled_from(["^a", "b$", ".*"]),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number", ["integer", "null"]])},
        optional={"minimum": st.integers(-3, 3), "maximum": st.integers(4, 9)},
    ),
    st.fixed_dictionaries(
        {"enum": st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, unique=True)}
    ),
    st.just({"type": "boolean"}),
    st.just({}),
)


def _objects(children):
    return st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(NAMES, children, max_size=3),
        },
        optional={
            "required": st.lists(NAMES, unique=True, max_size=2),
            "additionalProperties": st.one_of(st.booleans(), children),
        },
    )


SCHEMAS = st.recursive(
    SCALARS,
    lambda children: st.one_of(
        _objects(children),
        st.fixed_dictionaries({"type": st.just("array"), "items": children}),
        st.fixed_dictionaries({"oneOf": st.lists(children, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"allOf": st.lists(children, min_size=1, max_size=2)}),
    ),
    max_leaves=6,
)
# The body is small; generating schemas is what takes the time.
LAW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def document(schema, *, direction="request", note="", **components):
    body = {"content": {"application/json": {"schema": schema}}}
    operation = {"responses": {"204": {"description": "done"}}, "requestBody": body}
    if direction == "response":
        operation = {"responses": {"200": {"description": "found", **body}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0.0", "description": note},
        "paths": {"/things": {"post": operation}},
        "components": {"schemas": components},
    }


def findings(old, new):
    contracts = [read(json.dumps(side).encode(), source="law.json") for side in (old, new)]
    return compare(*contracts)


def _json_schema_verdict(old, new):
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    sides = [read(json.dumps({**dialect, **side}).encode(), source="l.json") for side in (old, new)]
    return compare(*sides).verdict


def valid(schema, value):
    """Whether the reference validator accepts a body, as an author means the schema."""
    return jsonschema.Draft202012Validator(
        meant(schema), format_checker=jsonschema.FormatChecker()
    ).is_valid(value)


def meant(schema):
    """Return the schema with the types that authors leave out and OpenAPI readers infer."""
    if not isinstance(schema, dict):
        return schema
    found = {key: meant(item) for key, item in schema.items() if key != "properties"}
    for word in ("oneOf", "allOf"):
        if word in schema:
            found[word] = [meant(item) for item in schema[word]]
    if "properties" in schema:
        found["properties"] = {name: meant(item) for name, item in schema["properties"].items()}
    return found


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


@LAW
@given(SCHEMAS, st.sampled_from(["request", "response"]))
def test_a_contract_is_compatible_with_itself(schema, direction):
    same = document(schema, direction=direction)
    report = findings(same, deepcopy(same))
    assert (report.verdict, report.required_bump, report.findings) == (
        Verdict.COMPATIBLE,
        Bump.NONE,
        (),
    )


@LAW
@given(SCHEMAS)
def test_order_and_words_do_not_matter(schema):
    other = document(reversed_keys(schema), note="other words")
    report = findings(document(schema), other)
    assert (report.findings, report.required_bump) == ((), Bump.PATCH)


@LAW
@given(SCHEMAS)
def test_naming_a_schema_changes_nothing(schema):
    named = document({"$ref": "#/components/schemas/Thing"}, Thing=schema)
    assert findings(document(schema), named).findings == ()
    assert findings(named, document(schema)).findings == ()


@LAW
@given(SCHEMAS, st.sampled_from(["allOf", "oneOf", "anyOf"]))
def test_wrapping_a_schema_changes_nothing(schema, word):
    assert findings(document(schema), document({word: [schema]})).findings == ()


@LAW
@given(SCHEMAS, SCHEMAS)
def test_a_request_and_the_response_the_other_way_round_ask_the_same(one, other):
    request = findings(document(one), document(other))
    response = findings(document(other, direction="response"), document(one, direction="response"))
    assert request.verdict is response.verdict


@LAW
@given(SCHEMAS, SCHEMAS)
def test_a_break_has_a_witness_that_jsonschema_confirms(one, other):
    report = findings(document(one), document(other))
    for finding in report.findings:
        if finding.level != "error":
            continue
        value = finding.witness["value"]["body"]
        assert (valid(one, value), valid(other, value)) == (True, False), finding


@LAW
@given(SCHEMAS, SCHEMAS, SCHEMAS)
def test_a_break_over_two_steps_is_in_one_of_them(one, middle, other):
    over = _json_schema_verdict(one, other)
    steps = {_json_schema_verdict(one, middle), _json_schema_verdict(middle, other)}
    if over is Verdict.BREAKING:
        assert steps & {Verdict.BREAKING, Verdict.UNDECIDED}
    if steps == {Verdict.COMPATIBLE}:
        assert over is not Verdict.BREAKING


@LAW
@given(SCHEMAS, SCHEMAS)
def test_a_request_that_breaks_is_harmless_as_a_response_unless_it_changes(one, other):
    request = findings(document(one), document(other))
    response = findings(document(one, direction="response"), document(other, direction="response"))
    levels = {(f.rule, f.new.pointer.rpartition("/schema")[2]): f.level for f in response.findings}
    for finding in request.findings:
        twin = levels.get((finding.rule, finding.new.pointer.rpartition("/schema")[2]))
        if finding.effect is Effect.NARROWS and finding.level == "error" and twin:
            assert twin == "info"
        assert finding.direction is Direction.REQUEST


@LAW
@given(SCHEMAS, SCHEMAS)
def test_fingerprints_are_distinct_and_the_report_is_deterministic(one, other):
    first = findings(document(one), document(other))
    again = findings(document(one), document(other))
    assert first.findings == again.findings
    assert len({f.fingerprint for f in first.findings}) == len(first.findings)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-4, 10),
        st.sampled_from([0.5, 3.0, 4.5]),
        st.sampled_from(["", "a", "ab", "b", "A", "B", "C", "abcdefghij"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)


@st.composite
def edits(draw):
    """Return a schema and the same schema with one part replaced or one keyword dropped."""
    old = draw(SCHEMAS)
    new = deepcopy(old)
    places = list(_places(new))
    owner, key = draw(st.sampled_from(places)) if places else (None, None)
    if owner is None:
        return old, draw(SCHEMAS)
    if isinstance(owner, dict) and draw(st.booleans()):
        del owner[key]
    elif isinstance(owner[key], dict) and key != "properties":
        owner[key] = draw(SCALARS)
    elif isinstance(owner[key], int) and not isinstance(owner[key], bool):
        owner[key] += draw(st.sampled_from([-1, 1]))
    elif isinstance(owner[key], list) and len(owner[key]) > 1:
        owner[key].pop()
    return old, new


def _places(value):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield value, key
        if isinstance(inner, dict | list) and key not in ("required", "enum", "type"):
            yield from _places(inner)


@settings(LAW, max_examples=300)
@given(edits(), st.lists(VALUES, min_size=4, max_size=8))
def test_compatible_means_that_the_new_schema_accepts_what_the_old_one_did(pair, values):
    schemas = [{"$schema": "https://json-schema.org/draft/2020-12/schema", **s} for s in pair]
    report = findings(*schemas)
    if report.verdict is not Verdict.COMPATIBLE:
        return
    old, new = (jsonschema.Draft202012Validator(schema) for schema in schemas)
    for value in values:
        assert not old.is_valid(value) or new.is_valid(value), (value, report.findings)


JUNK = st.sampled_from([None, True, 3, -1.5, "x", "", [], {}, [None], {"$ref": "#/nowhere"}, [3]])


@settings(LAW, max_examples=200)
@given(st.data())
def test_odd_documents_get_a_verdict_and_never_a_crash(data):
    schema = data.draw(SCHEMAS)
    old = document(schema, direction=data.draw(st.sampled_from(["request", "response"])))
    old["paths"]["/things"]["post"]["parameters"] = [
        {"name": "q", "in": "query", "schema": data.draw(SCALARS)}
    ]
    old["paths"]["/things"]["post"]["security"] = [{"oauth": ["read"]}]
    old["components"]["securitySchemes"] = {
        "oauth": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "https://x", "scopes": {"read": "r"}}},
        }
    }
    new = deepcopy(old)
    places = [(o, k) for o, k in _places(new["paths"]) if k != "/things"]
    places += list(_places(new["components"]))
    owner, key = data.draw(st.sampled_from(places))
    owner[key] = data.draw(JUNK)
    for pair in ((old, new), (new, old)):
        assert findings(*pair).verdict in Verdict
    assert findings(new, new).verdict is Verdict.COMPATIBLE
