"""The generic mock: examples first, schemas else; the same call gets the same answer."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from contracts import library
from contracts.formats import read
from contracts.formats import yaml as texts
from contracts.model import Node
from contracts.refs import Resolver
from orchestration.mock.app import Mock
from orchestration.mock.generate import Generator

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
CASES = texts.parse(
    (Path(__file__).parent / "cases" / "schemas.yaml").read_bytes(), source="schemas.yaml"
).root


def contract_with(responses, **operation):
    document = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/a/{id}": {"get": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": responses, **operation}}},
    }  # fmt: skip
    return read(json.dumps(document).encode(), source="t.json")


def client(responses, seed=1, **operation):
    return TestClient(Mock(contract_with(responses, **operation), seed))


def ok(schema=None, **media):
    content = {"application/json": {**({"schema": schema} if schema else {}), **media}}
    return {"200": {"description": "d", "content": content}}


def generated(schema, seed):
    contract = read(json.dumps({"$defs": {"it": schema}}).encode(), source="t.json")
    node = Node("/$defs/it", contract.document.at("/$defs/it"))
    return Generator(Resolver(contract.document), Random(seed), bare=seed % 2 == 1).value(node)


@pytest.mark.parametrize("schema", CASES, ids=json.dumps)
@pytest.mark.parametrize("seed", range(6))
def test_generated_values_fit(schema, seed):
    value = generated(schema, seed)
    assert list(Draft202012Validator(schema).iter_errors(value)) == [], value


SCHEMAS = st.recursive(
    st.sampled_from([{"type": "string"}, {"type": "boolean"}, {"type": "null"}, {"enum": [1, "a"]}])
    | st.builds(lambda a, b: {"type": "integer", "minimum": a, "maximum": a + b}, st.integers(-9, 9), st.integers(0, 9))
    | st.builds(lambda a, b: {"type": "string", "minLength": a, "maxLength": a + b}, st.integers(0, 9), st.integers(0, 9)),
    lambda inner: st.builds(
        lambda members, need: {"type": "object", "properties": members, "required": sorted(members)[:need]},
        st.dictionaries(st.sampled_from("abcd"), inner, max_size=3), st.integers(0, 3),
    )
    | st.builds(lambda i, n: {"type": "array", "items": i, "minItems": n}, inner, st.integers(0, 3))
    | st.builds(lambda branches: {"oneOf": branches[:1], "allOf": []}, st.lists(inner, min_size=1, max_size=2)),
    max_leaves=8,
)  # fmt: skip


@given(SCHEMAS, st.integers(0, 1000))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_generated_values_fit_generated_schemas(schema, seed):
    assert list(Draft202012Validator(schema).iter_errors(generated(schema, seed))) == []


def test_the_same_call_gets_the_same_answer():
    schema = {"type": "object", "required": ["n", "s"], "properties": {
        "n": {"type": "integer", "maximum": 10**9}, "s": {"type": "string", "format": "uuid"}}}  # fmt: skip
    first, second, other = (client(ok(schema), seed) for seed in (1, 1, 2))
    assert first.get("/a/1").content == second.get("/a/1").content
    assert first.get("/a/1").content != first.get("/a/2").content
    assert first.get("/a/1").content != other.get("/a/1").content


def test_examples_come_first_and_json_may_stand_in_a_string():
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    assert client(ok(schema, example={"a": 7})).get("/a/1").json() == {"a": 7}
    assert client(ok(schema, example='{"a": 8}')).get("/a/1").json() == {"a": 8}
    assert client(ok(schema, example={"a": "no"})).get("/a/1").json()["a"] != "no"
    named = {"one": {"value": {"a": 1}}, "two": {"value": {"a": 2}}}
    assert client(ok(schema, examples=named)).get(
        "/a/1", headers={"Prefer": "example=two"}
    ).json() == {"a": 2}


def test_prefer_accept_head_and_methods():
    responses = ok({"const": 1}) | {"404": {"description": "d"}, "204": {"description": "d"}}
    mock = client(responses)
    assert mock.get("/a/1", headers={"Prefer": "code=404"}).status_code == 404
    assert mock.get("/a/1", headers={"Prefer": "code=204"}).content == b""
    assert mock.get("/a/1", headers={"Accept": "text/csv"}).status_code == 406
    assert mock.head("/a/1").content == b""
    refused = mock.post("/a/1")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert mock.get("/b").status_code == 404
    assert mock.get("/a/1?x=1").status_code == 422


def documents():
    found = sorted(CORPUS.glob("*/*.yaml")) if CORPUS.is_dir() else []
    return [(path.name, path.read_bytes()) for path in found] + [
        (name, library.text(name)) for name in library.names()
    ]


def path_of(operation, generator):
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            path = path.replace(
                "{" + parameter.name + "}", str(generator.value(parameter.schema) or "x")
            )
    return path


@pytest.mark.parametrize(
    ("name", "text"), documents(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_operation_of_real_contracts_is_answered(name, text):
    contract = read(text, source=name)
    mock = TestClient(Mock(contract))
    generator = Generator(Resolver(contract.document), Random(1), bare=True)
    for operation in contract.operations:
        path = path_of(operation, generator)
        answer = mock.request(operation.method, path, headers={"Prefer": "code=200"})
        assert answer.status_code < 500, (operation.key, answer.text[:500])
