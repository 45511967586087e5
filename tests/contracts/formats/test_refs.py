"""References: where they lead inside one document, and what is brought in from outside."""

import time
from pathlib import Path

import pytest

from contracts.errors import TreatyError
from contracts.formats import read
from contracts.formats.limits import Limits
from contracts.formats.yaml import parse
from contracts.model import Node
from contracts.refs import Resolver, references
from contracts.validate import validate

FILE = Path(__file__).parent / "cases/refs.yaml"
CASES = parse(FILE.read_bytes(), source=FILE.name).root


def named(cases):
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in cases])


def start(case):
    document = parse(case["text"].encode(), source="case")
    return Resolver(document), Node(case["from"], document.at(case["from"]))


@named([case for case in CASES if "to" in case])
def test_a_reference_leads_somewhere(case):
    resolver, node = start(case)
    found = resolver.resolve(node)
    assert found == Node(case["to"], resolver.document.at(case["to"]))


@named([case for case in CASES if "error" in case])
def test_a_reference_is_refused(case):
    resolver, node = start(case)
    with pytest.raises(TreatyError) as caught:
        resolver.resolve(node)
    problem = caught.value.problem
    assert problem.type.slug == case["error"]["type"]
    assert [detail.line for detail in problem.errors] == case["error"]["lines"]
    assert case["error"].get("says", "") in problem.detail


def test_children_are_found_through_references():
    document = parse(
        b"s: {$ref: '#/d'}\nd: {properties: {next: {$ref: '#/d'}, ids: [{$ref: '#/e'}]}}\ne: 1\n",
        source="case",
    )
    resolver, root = Resolver(document), Node("", document.root)
    again = resolver.child(root, "s", "properties", "next", "properties", "next")
    assert again.pointer == "/d"
    assert resolver.child(root, "s", "properties", "ids", 0) == Node("/e", 1)
    with pytest.raises(LookupError):
        resolver.child(root, "s", "absent")
    with pytest.raises(LookupError):
        resolver.child(root, "e", "beyond")


def test_a_long_chain_is_no_circle_but_too_long():
    chain = "\n".join(f"a{n}: {{$ref: '#/a{n + 1}'}}" for n in range(200)) + "\na200: x\n"
    document = parse(chain.encode(), source="case")
    with pytest.raises(TreatyError, match="follow each other") as caught:
        Resolver(document).resolve(Node("/a0", document.at("/a0")))
    assert caught.value.problem.type.slug == "reference-unresolved"


def test_only_what_has_meaning_is_a_reference():
    document = parse(
        b"""
properties: {$ref: {type: string}, example: {$ref: '#/1'}, enum: {items: {$ref: '#/2'}}}
example: {$ref: no}
examples: [{$ref: no}]
enum: [{$ref: no}]
x-more: {$ref: no}
content: {a/b: {examples: {one: {$ref: '#/3'}, two: {value: {$ref: no}}}}}
responses: {default: {$ref: '#/4'}}
""",
        source="case",
    )
    assert [node.value["$ref"] for node in references(document)] == ["#/1", "#/2", "#/3", "#/4"]


MAIN = b"""openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    get:
      parameters: [{$ref: 'parts/p.yaml#/Page'}]
      responses: {200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Here'}}}}}
components: {schemas: {Here: {$ref: 'parts/s%20t.yaml'}}}
"""
FILES = {
    "dir/parts/p.yaml": b"Size: {type: integer}\nPage: {name: page, in: query, schema: {$ref: '#/Size'}}\n",
    "dir/parts/s%20t.yaml": b"type: object\nproperties:\n  up: {$ref: '../main.yaml#/components/schemas/Here'}\n  page: {$ref: 'p.yaml#/Size'}\n",
}


def test_allowed_files_are_brought_inside():
    contract = read(MAIN, source="dir/main.yaml", externals=FILES.__getitem__)
    (operation,) = contract.operations
    (page,) = operation.parameters
    resolver = Resolver(contract.document)
    size = resolver.resolve(page.schema)
    assert size.value == {"type": "integer"}
    place = contract.document.place(size.pointer)
    assert (place.file, place.line) == ("dir/parts/p.yaml", 1)
    here = resolver.resolve(operation.responses[0].content[0].schema)
    assert resolver.child(here, "properties", "up") == here
    assert resolver.child(here, "properties", "page") == size
    assert contract.document.place(here.pointer + "/properties/page").line == 4
    assert contract.document.place("/info").file == "dir/main.yaml"
    assert validate(contract) == ()


def test_the_digest_covers_what_was_brought_inside():
    changed = FILES | {"dir/parts/p.yaml": FILES["dir/parts/p.yaml"].replace(b"integer", b"number")}
    one = read(MAIN, source="dir/main.yaml", externals=FILES.__getitem__)
    two = read(MAIN, source="dir/main.yaml", externals=changed.__getitem__)
    assert one.digest != two.digest


def test_nothing_is_fetched_unless_allowed():
    contract = read(MAIN, source="dir/main.yaml")
    assert contract.operations[0].parameters == ()
    issues = validate(contract)
    assert [(i.rule, i.place.line) for i in issues] == [
        ("reference-external", 6),
        ("reference-external", 8),
    ]
    with pytest.raises(TreatyError) as caught:
        read(MAIN, source="dir/main.yaml", externals={}.__getitem__)
    assert caught.value.problem.type.slug == "reference-external"
    assert caught.value.problem.errors[0].line in (6, 8)


def test_external_references_are_bounded():
    def endless(name):
        return f"a: {{$ref: '{time.monotonic_ns()}-{len(name)}.yaml'}}".encode()

    with pytest.raises(TreatyError, match="too many"):
        read(MAIN, source="m.yaml", externals=endless, limits=Limits(max_externals=10))
    with pytest.raises(TreatyError, match="too large"):
        read(MAIN, source="m.yaml", externals=lambda _: b"x" * 900, limits=Limits(max_bytes=1_000))
