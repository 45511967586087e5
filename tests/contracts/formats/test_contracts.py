"""Case files: a text, and the contract it makes in short form or why it makes none."""

from pathlib import Path

import pytest

from contracts.errors import TreatyError
from contracts.formats import read
from contracts.formats.yaml import parse
from contracts.model import Format

FILE = Path(__file__).parent / "cases/contracts.yaml"
CASES = parse(FILE.read_bytes(), source=FILE.name).root


def named(cases):
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in cases])


def media(items):
    return "".join(f" {m.name}" + ("" if m.schema else "(no schema)") for m in items)


def parameter(p):
    required, exploded = "!" * p.required, "*" * p.explode
    rest = " deprecated" * p.deprecated + ("" if p.schema else " (no schema)")
    return f"{p.location} {p.name}{required} {p.style}{exploded}{rest} @{p.node.pointer}"


def response(r):
    headers = "".join(f" {h.name}" + "!" * h.required for h in r.headers)
    return f"{r.status} @{r.node.pointer}{headers}{media(r.content)}"


def alternative(requirements):
    named = [f"{r.scheme}({' '.join(r.scopes) or repr('') * len(r.scopes)})" for r in requirements]
    return " + ".join(named) or "nothing"


def operation(op):
    body = op.request_body
    about = [op.summary, list(op.tags), op.deprecated, op.sunset]
    short = {
        "id": op.operation_id,
        "about": about if any(about) else None,
        "parameters": [parameter(p) for p in op.parameters],
        "body": body
        and f"{'required' if body.required else 'optional'} @{body.node.pointer}{media(body.content)}",
        "responses": [response(r) for r in op.responses],
        "security": [alternative(a) for a in op.security.alternatives],
        "security_at": op.security.node.pointer,
    }
    return {key: value for key, value in short.items() if value}


def short(contract):
    described = {
        "dialect": contract.dialect,
        "title": contract.title,
        "version": contract.version,
        "servers": list(contract.servers),
        "schemes": list(contract.security_schemes),
        "operations": {op.key: operation(op) for op in contract.operations},
    }
    optional = ("servers", "schemes", "operations")
    return {key: value for key, value in described.items() if value or key not in optional}


@named([case for case in CASES if "contract" in case])
def test_a_text_makes_a_contract(case):
    contract = read(case["text"].encode(), source="case")
    expected = case["contract"]
    for op in expected.get("operations", {}).values():
        for key in [key for key, value in op.items() if not value]:
            del op[key]
    assert short(contract) == expected
    assert (contract.schema is not None) == (contract.format is Format.JSON_SCHEMA)


@named([case for case in CASES if "error" in case])
def test_a_text_makes_no_contract(case):
    with pytest.raises(TreatyError) as caught:
        read(case["text"].encode(), source="case")
    problem = caught.value.problem
    (detail,) = problem.errors
    assert problem.type.slug == "unknown-format"
    assert (detail.line, detail.pointer) == (case["error"]["line"], case["error"]["pointer"])
    assert case["error"]["says"] in detail.detail
    assert "Supported are" in detail.detail


SWAGGER = b"""
swagger: "2.0"
securityDefinitions:
  o: {type: oauth2, flow: accessCode, authorizationUrl: a, tokenUrl: u, scopes: {r: x}}
  b: {type: basic, description: d}
  k: {type: apiKey, in: query, name: k}
paths:
  /a:
    put:
      parameters:
        - {name: f, in: formData, type: file, required: true, description: a file}
        - {name: g, in: formData, type: array, items: {type: string}, collectionFormat: multi}
        - {name: h, in: header, type: string, enum: [x], required: true, description: not a schema}
      responses:
        200: {description: ok, schema: {type: string}, examples: {application/json: '"x"'}}
"""


def test_swagger_parts_become_schemas():
    contract = read(SWAGGER, source="case")
    put = contract.operation("PUT /a")
    (form,) = put.request_body.content
    assert form.schema.value == {
        "type": "object",
        "required": ["f"],
        "properties": {
            "f": {"type": "string", "format": "binary"},
            "g": {"type": "array", "items": {"type": "string"}},
        },
    }
    assert form.encoding["g"] == {"style": "form", "explode": True}
    assert put.parameters[0].schema.value == {"type": "string", "enum": ["x"]}
    assert put.responses[0].content[0].node.value["example"] == '"x"'
    assert {name: node.value for name, node in contract.security_schemes.items()} == {
        "o": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "a",
                    "tokenUrl": "u",
                    "scopes": {"r": "x"},
                }
            },
        },
        "b": {"type": "http", "scheme": "basic", "description": "d"},
        "k": {"type": "apiKey", "in": "query", "name": "k"},
    }


def test_the_digest_is_about_content():
    one = read(b"openapi: 3.0.0\ninfo: {title: t, version: '1.10'}\npaths: {}\n", source="a")
    two = read(b'{"paths":{},"info":{"version":"1.10","title":"t"},"openapi":"3.0.0"}', source="b")
    bare = read(b"openapi: 3.0.0\ninfo: {title: t, version: 1.10}\npaths: {}\n", source="a")
    other = read(b"openapi: 3.0.0\ninfo: {title: t, version: 1.1}\npaths: {}\n", source="a")
    assert one.digest == two.digest == bare.digest
    assert other.digest != bare.digest
