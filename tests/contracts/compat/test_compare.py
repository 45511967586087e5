"""What `compare` promises as a whole: refactors, modes, shared parts, limits, odd input."""

import json
from datetime import date

import pytest

from contracts.compat.mode import Mode
from contracts.compat.run import Limits, compare
from contracts.formats import read
from contracts.formats.limits import Limits as ReadLimits
from contracts.formats.yaml import parse
from contracts.model import Contract, Format, Node
from contracts.report import Bump, Verdict

TEXT = {"type": "string"}


def _json_schema(schema):
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string"}, {"type": ["string"]}),
        ({"type": "string", "enum": ["A", "B"]}, {"oneOf": [{"const": "B"}, {"const": "A"}]}),
        ({"enum": ["A"]}, {"const": "A"}),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (
            {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["b"]},
            {
                "allOf": [
                    {"type": "object", "properties": {"a": TEXT}},
                    {"type": "object", "properties": {"b": TEXT}, "required": ["b"]},
                ]
            },
        ),
        (
            {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
            {"type": "object", "properties": {"a": TEXT}, "unevaluatedProperties": False},
        ),
        (
            {"anyOf": [{"type": "string", "enum": ["A"]}, {"type": "string"}]},
            {"anyOf": [{"type": "string", "enum": ["A", "B"]}, {"type": "string"}]},
        ),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
        ({"properties": {"a": TEXT}}, {"type": "object", "properties": {"a": TEXT}}),
    ],
    ids=lambda schema: json.dumps(schema)[:40],
)
@pytest.mark.parametrize("shape", ["request", "response"])
def test_refactors_report_nothing(contract, shape, old, new):
    sides = [contract(shape, side) for side in (old, new)]
    assert compare(*sides).findings == ()
    assert compare(*sides[::-1]).findings == ()


def test_a_shared_component_is_reported_for_each_operation_that_uses_it(contract):
    def api(values):
        ref = {"$ref": "#/components/schemas/Status"}
        response = {"description": "d", "content": {"application/json": {"schema": ref}}}
        return {
            "paths": {f"/p{i}": {"get": {"responses": {"200": response}}} for i in range(5)},
            "components": {"schemas": {"Status": {"type": "string", "enum": values}}},
        }

    report = compare(contract("openapi", api(["A"])), contract("openapi", api(["A", "B"])))
    assert [f.operation for f in report.findings] == [f"GET /p{i}" for i in range(5)]
    assert {f.new.pointer for f in report.findings} == {"/components/schemas/Status/enum"}
    assert len({f.fingerprint for f in report.findings}) == 5


def test_recursive_schemas_are_walked_once_and_all_the_way(contract):
    def tree(leaf):
        node = {"type": "object", "properties": {"value": leaf, "next": {"$ref": "#/$defs/node"}}}
        return _json_schema({"$ref": "#/$defs/node", "$defs": {"node": node}})

    sides = [contract("json-schema", tree(leaf)) for leaf in (TEXT, {"type": "integer"})]
    report = compare(*sides)
    assert [f.rule for f in report.findings] == ["type-changed"]
    assert report.stats["nodes"] < 10


def test_a_change_below_a_cycle_of_components_reaches_every_user(contract):
    def api(leaf):
        schemas = {
            "A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}},
            "B": {
                "type": "object",
                "properties": {"a": {"$ref": "#/components/schemas/A"}, "leaf": leaf},
            },
        }
        paths = {}
        for name in schemas:
            schema = {"$ref": f"#/components/schemas/{name}"}
            body = {"content": {"application/json": {"schema": schema}}}
            paths[f"/{name}"] = {"get": {"responses": {"200": {"description": "d", **body}}}}
        return {"paths": paths, "components": {"schemas": schemas}}

    report = compare(contract("openapi", api(TEXT)), contract("openapi", api({"type": "number"})))
    assert sorted(f.operation for f in report.findings) == ["GET /A", "GET /B"]
    assert "property `b.leaf`" in report.findings[0].message


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (Mode.NONE, Verdict.COMPATIBLE),
        (Mode.BACKWARD, Verdict.COMPATIBLE),
        (Mode.FORWARD, Verdict.BREAKING),
        (Mode.FULL, Verdict.BREAKING),
    ],
)
def test_modes_of_a_json_schema(contract, mode, verdict):
    old, new = (contract("json-schema", {"type": "string", "maxLength": n}) for n in (5, 9))
    assert compare(old, new, mode=mode).verdict is verdict
    mirrored = {Mode.BACKWARD: Mode.FORWARD, Mode.FORWARD: Mode.BACKWARD}.get(mode, mode)
    assert compare(new, old, mode=mirrored).verdict is verdict


def test_forward_turns_requests_and_responses_round(contract):
    old, new = (contract("response", {"enum": values}) for values in (["A"], ["A", "B"]))
    assert compare(old, new).verdict is Verdict.BREAKING
    assert compare(old, new, mode=Mode.FORWARD).verdict is Verdict.COMPATIBLE


def test_no_promise_is_never_broken_but_still_told(contract):
    old, new = (contract("response", {"type": kind}) for kind in ("string", "integer"))
    report = compare(old, new, mode=Mode.NONE)
    assert (report.verdict, report.required_bump) == (Verdict.COMPATIBLE, Bump.MINOR)
    assert [f.level for f in report.findings] == ["info"]


def test_what_cannot_be_decided_is_never_compatible(contract):
    patterns = (r"^(a|b)\1$", r"^(a|c)\1$")  # what refers back is not regular
    old, new = (contract("request", {"type": "string", "pattern": p}) for p in patterns)
    report = compare(old, new)
    assert report.verdict is Verdict.UNDECIDED
    assert [(f.rule, f.certainty) for f in report.findings] == [("pattern-changed", "suspected")]


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("^a", "^a|b", "compatible"),
        ("^a|b", "^a", "breaking"),
        ("^[0-9]+$", r"^\d+$", "compatible"),
    ],
)
def test_patterns_are_decided_as_languages(contract, old, new, verdict):
    sides = (contract("request", {"type": "string", "pattern": p}) for p in (old, new))
    assert compare(*sides).verdict == verdict


def test_a_break_beside_something_undecided_is_still_a_break(contract):
    old = contract("request", {"type": "object", "properties": {"a": {"pattern": "a"}, "b": TEXT}})
    new = contract(
        "request", {"type": "object", "properties": {"a": {"pattern": "b"}, "b": {"type": "null"}}}
    )
    assert compare(old, new).verdict is Verdict.BREAKING


def test_different_formats_are_undecided(contract):
    report = compare(contract("paths", {}), contract("json-schema", {"type": "object"}))
    assert report.verdict is Verdict.UNDECIDED
    assert report.findings[0].message == (
        "the contract: one side is openapi, the other json-schema"
    )


@pytest.mark.parametrize("limits", [Limits(nodes=3), Limits(findings=3)])
def test_limits_make_the_rest_undecided(contract, limits):
    def schema(kind):
        return {"type": "object", "properties": {f"p{i}": {"type": kind} for i in range(50)}}

    report = compare(
        contract("request", schema("string")), contract("request", schema("integer")), limits=limits
    )
    assert "part-undecided" in {f.rule for f in report.findings}
    assert len(report.findings) <= 4


def test_deep_composition_is_undecided_not_a_crash(contract):
    def refs(leaf):
        schemas = {
            f"S{i}": {"anyOf": [{"$ref": f"#/components/schemas/S{i + 1}"}, {"const": i}]}
            for i in range(300)
        }
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
        operation = {"requestBody": body, "responses": {"204": {"description": "d"}}}
        components = {"schemas": {**schemas, "S300": leaf}}
        return {"paths": {"/a": {"post": operation}}, "components": components}

    report = compare(
        contract("openapi", refs(TEXT)), contract("openapi", refs({"type": "integer"}))
    )
    assert report.verdict is not Verdict.COMPATIBLE


def test_a_thousand_levels_of_properties_are_compared():
    def nest(leaf):
        for _ in range(1000):
            leaf = f'{{"properties":{{"x":{leaf}}},"type":"object"}}'
        text = f'{{"allOf":[{leaf}]}}'
        document = parse(text.encode(), source="deep.json", limits=ReadLimits(max_depth=5000))
        root = Node("", document.root)
        dialect = "https://json-schema.org/draft/2020-12/schema"
        return Contract(document, Format.JSON_SCHEMA, dialect, "t", "1", leaf, schema=root)

    report = compare(nest('{"type":"string"}'), nest('{"type":"number"}'))
    assert [f.rule for f in report.findings] == ["type-changed"]


def test_a_large_enumeration_is_named_in_part(contract):
    values = [f"V{i}" for i in range(5000)]
    old, new = contract("response", {"enum": values[:1]}), contract("response", {"enum": values})
    (finding,) = compare(old, new).findings
    assert finding.message.endswith(
        "may now be `V1`, `V2`, `V3`, `V4`, `V5` and 4994 more; "
        "clients built on 1.0.0 do not know them"
    )


def test_one_and_true_are_not_the_same(contract):
    old, new = (contract("json-schema", {"enum": [value]}) for value in (1, True))
    assert compare(old, new).verdict is Verdict.BREAKING


def test_texts_in_a_query_are_wider_than_numbers_but_not_when_limited(contract):
    def api(schema):
        return contract("parameters", [{"name": "n", "in": "query", "schema": schema}])

    free, limited = TEXT, {"type": "string", "maxLength": 1}
    assert [f.rule for f in compare(api({"type": "integer"}), api(free)).findings] == [
        "type-widened"
    ]
    assert [f.rule for f in compare(api({"type": "integer"}), api(limited)).findings] == [
        "type-changed"
    ]
    assert [f.rule for f in compare(api(free), api({"type": "integer"})).findings] == [
        "type-narrowed"
    ]


def test_a_security_scheme_may_change_its_name(contract):
    def api(name):
        scheme = {"type": "apiKey", "in": "header", "name": "X-Key", "description": name}
        operation = {"security": [{name: []}], "responses": {"204": {"description": "d"}}}
        return contract(
            "openapi",
            {
                "paths": {"/a": {"get": operation}},
                "components": {"securitySchemes": {name: scheme}},
            },
        )

    report = compare(api("key"), api("apiKey"))
    assert {f.rule for f in report.findings} == {"security-scheme-added", "security-scheme-removed"}
    assert report.verdict is Verdict.COMPATIBLE


def test_default_stands_for_statuses_that_are_not_listed(contract):
    def api(*statuses):
        return contract("responses", {status: {"description": "d"} for status in statuses})

    assert compare(api("default"), api("200", "default")).findings == ()
    assert compare(api("200", "default"), api("200", "404", "default")).findings == ()
    assert compare(api("200"), api("default")).findings == ()
    found = compare(api("200", "201", "default"), api("200", "default")).findings
    assert [f.rule for f in found] == ["response-success-status-removed"]


def test_sunset_dates_are_judged_on_the_given_day(contract):
    operation = {"deprecated": True, "x-sunset": "2026-06-30", "responses": {}}
    old, new = contract("paths", {"/a": {"get": operation}}), contract("paths", {})
    assert compare(old, new, on=date(2026, 6, 29)).verdict is Verdict.BREAKING
    assert compare(old, new, on=date(2026, 6, 30)).verdict is Verdict.COMPATIBLE


def test_swagger_and_openapi_versions_of_one_interface_agree(contract):
    swagger = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "produces": ["application/json"],
        "paths": {
            "/things": {
                "get": {
                    "parameters": [{"name": "q", "in": "query", "type": "string"}],
                    "responses": {
                        "200": {"description": "d", "schema": {"$ref": "#/definitions/Thing"}}
                    },
                }
            }
        },
        "definitions": {"Thing": {"type": "object", "properties": {"a": TEXT}}},
    }
    thing = {"type": "object", "properties": {"a": TEXT}}
    body = {"content": {"application/json": {"schema": thing}}}
    operation = {
        "parameters": [{"name": "q", "in": "query", "schema": TEXT}],
        "responses": {"200": {"description": "d", **body}},
    }
    old = read(json.dumps(swagger).encode(), source="swagger.json")
    report = compare(old, contract("paths", {"/things": {"get": operation}}))
    assert report.findings == ()


def test_places_name_file_line_and_pointer(contract):
    old, new = (
        read(
            f"openapi: 3.1.0\ninfo: {{title: t, version: 1.0.0}}\npaths:\n  /a:\n    get:\n"
            f"      parameters:\n      - name: q\n        in: query\n"
            f"        required: {flag}\n        schema: {{type: string}}\n"
            f"      responses: {{}}\n".encode(),
            source=f"{flag}.yaml",
        )
        for flag in ("false", "true")
    )
    (finding,) = compare(old, new).findings
    pointer = "/paths/~1a/get/parameters/0/required"
    assert str(finding.old) == f"false.yaml:9:9 {pointer}"
    assert str(finding.new) == f"true.yaml:9:9 {pointer}"
