"""Case files: a text, and everything that is wrong with it, each at its place."""

import json
import socket
import time
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from contracts import baseline
from contracts.formats import read
from contracts.formats.yaml import parse
from contracts.validate import validate, validate_document

FILE = Path(__file__).parent / "cases/issues.yaml"
CASES = parse(FILE.read_bytes(), source=FILE.name).root
HEAD = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}


def short(issue):
    place = issue.place
    return f"{issue.rule} {place.line}:{place.column} {place.pointer}"


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES])
def test_a_contract_has_these_issues(case):
    issues = validate_document(parse(case["text"].encode(), source="case"))
    assert [short(issue) for issue in issues] == case["issues"]
    for words in case.get("says", []):
        assert any(words in issue.message for issue in issues), words
    assert all(issue.message.endswith(".") for issue in issues)


def of_schemas(**schemas):
    document = HEAD | {"components": {"schemas": schemas}}
    return read(json.dumps(document).encode(), source="hostile.json")


def ladder(levels):
    two = {
        f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2} for n in range(levels)
    }
    return two | {f"S{levels}": {"type": "object"}}


HOSTILE = {
    "exponential": (ladder(60) | {"D": {"allOf": [{"$ref": "#/components/schemas/S0"}], "default": {}}}, ["default-undecided"]),
    "regular expression": ({"A": {"type": "string", "pattern": "(a+)+$", "default": "a" * 40 + "!"}}, []),
    "circle under a default": ({"A": {"$ref": "#/components/schemas/A"}, "B": {"default": 1, "allOf": [{"$ref": "#/components/schemas/A"}]}}, ["reference-cycle"]),
    "wide default": ({"A": {"type": "array", "default": [1] * 20_000, "items": {"allOf": [{}] * 2_000}}}, ["default-undecided"]),
    "many required": ({"A": {"type": "object", "required": [f"p{n}" for n in range(20_000)]}}, []),
    "broken under a default": ({"A": {"type": 3, "properties": [], "default": {}}}, ["wrong-type", "value-not-allowed", "default-mismatch"]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_schemas_take_little_time(name):
    schemas, rules = HOSTILE[name]
    contract = of_schemas(**schemas)
    started = time.process_time()
    issues = validate(contract)
    assert time.process_time() - started < 5
    assert {issue.rule for issue in issues} <= set(rules)
    assert bool(issues) == bool(rules)


def test_nothing_is_fetched(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    contract = of_schemas(
        A={"$ref": "http://127.0.0.1:9/x"},
        B={"default": 1, "allOf": [{"$ref": "file:///etc/hostname"}]},
        C={"$schema": "http://127.0.0.1:9/dialect", "default": 1},
    )
    assert {i.rule for i in validate(contract)} == {"reference-external", "unknown-member"}


def test_issues_are_bounded_and_the_last_one_says_so():
    contract = of_schemas(**{f"A{n}": {"typo": 1} for n in range(600)})
    issues = validate(contract)
    assert len(issues) == 500
    assert issues[-1].rule == "too-many-issues"
    assert {issue.rule for issue in issues[:-1]} == {"unknown-member"}


def test_fingerprints_survive_moved_lines():
    one = validate(of_schemas(A={"typo": 1, "type": 2}))
    text = (
        b"# moved\n\n"
        + json.dumps(HEAD | {"components": {"schemas": {"A": {"type": 2, "typo": 1}}}}).encode()
    )
    two = validate_document(parse(text, source="elsewhere.yaml"))
    assert {i.fingerprint for i in one} == {i.fingerprint for i in two}
    assert len({i.fingerprint for i in one}) == len(one) == 2


def test_a_baseline_lets_the_known_pass_and_the_new_stand():
    before = validate(of_schemas(A={"typo": 1}, B={"type": 3}))
    recorded = baseline.record(before)
    loaded = baseline.read(parse(recorded.dump(), source="baseline.json"))
    assert loaded == recorded
    known, new = loaded.split(validate(of_schemas(A={"typo": 1}, C={"typo": 1})))
    assert [i.place.pointer for i in known] == ["/components/schemas/A/typo"]
    assert [i.place.pointer for i in new] == ["/components/schemas/C/typo"]
    assert set(loaded.stale([*known, *new])) == {
        i.fingerprint for i in before if i.place.pointer == "/components/schemas/B/type"
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [(b"[]", 1), (b"schema_version: 9\n", 1), (b"schema_version: '1'\nissues: 3\n", 2), (b"schema_version: '1'\nissues:\n- {rule: x}\n", 3)],
)  # fmt: skip
def test_a_broken_baseline_is_refused(text, line):
    with pytest.raises(Exception, match=f"b:{line}:"):
        baseline.read(parse(text, source="b"))


BREAKAGES = [
    lambda d: d["info"].pop("title"),
    lambda d: d["paths"]["/a/{id}"]["get"].pop("responses"),
    lambda d: d["paths"]["/a/{id}"]["parameters"].clear(),
    lambda d: d["paths"]["/a/{id}"]["get"].update(parameters=[{"$ref": "#/components/x"}]),
    lambda d: d["components"]["schemas"]["A"].update(default="x"),
    lambda d: d["components"]["schemas"]["A"].update(type="integr"),
    lambda d: d["components"]["schemas"]["A"].update(properties={"p": {"$ref": "#/gone"}}),
    lambda d: d["paths"].update({"b": {}}),
    lambda d: d["paths"]["/a/{id}"]["get"]["responses"].update({"2000": {"description": "x"}}),
    lambda d: d["paths"]["/a/{id}"].update(post=dict(d["paths"]["/a/{id}"]["get"])),
    lambda d: d.update(tags=[{"name": "x"}, {"name": "x"}]),
]


@pytest.mark.parametrize("index", range(len(BREAKAGES)))
def test_what_the_reference_validator_refuses_has_an_issue(index):
    def sound():
        operation = {"operationId": "x", "responses": {"200": {"description": "ok"}}}
        parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        return {
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1"},
            "paths": {"/a/{id}": {"parameters": [parameter], "get": operation}},
            "components": {"schemas": {"A": {"type": "object"}}},
        }

    def refused(document):
        try:
            return not OpenAPIV30SpecValidator(document).is_valid()
        except Exception:  # noqa: BLE001  # the library raises what it cannot resolve
            return True

    document = sound()
    assert not refused(document)
    assert validate(read(json.dumps(document).encode(), source="x.json")) == ()
    BREAKAGES[index](document)
    assert refused(document)
    assert validate(read(json.dumps(document).encode(), source="x.json"))
