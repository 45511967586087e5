"""Documents and rulesets that mean harm end soon, with a finding, a list entry or a clear problem."""

import json
import time

import pytest

from contracts.errors import TreatyError
from contracts.formats.yaml import parse
from contracts.lint.ruleset import loads
from contracts.lint.run import MAX_FINDINGS, lint


def run(root, rules, **ruleset):
    text = json.dumps({"rules": rules, **ruleset}).encode()
    return lint(
        parse(json.dumps(root).encode(), source="a.json"),
        loads(text, "rules.json", {}.__getitem__),
    )


def rule(given, function="truthy", **then):
    return {"given": given, "then": {"function": function, **then}}


@pytest.fixture
def bomb():
    """A text of a few lines that stands for 2^60 values once its references are replaced."""
    return {
        f"n{i}": {"l": {"$ref": f"#/n{i + 1}"}, "r": {"$ref": f"#/n{i + 1}"}} for i in range(60)
    } | {"n60": {"end": ""}}


def test_shared_references_cost_what_the_text_costs(bomb):
    started = time.process_time()
    report = run(
        bomb,
        {"a": rule("$..end"), "b": rule("$..l..r"), "c": rule("$..[?(@.end === '')]", "falsy")},
    )
    assert time.process_time() - started < 5
    assert [f.place.pointer for f in report.findings if f.rule == "a"] == ["/n60/end"]


def test_a_schema_on_a_bomb_looks_as_deep_as_it_is(bomb):
    shallow = {"type": "object", "properties": {"l": {"required": ["x"]}}}
    report = run(bomb, {"a": rule("$.n0", "schema", functionOptions={"schema": shallow})})
    assert [f.place.pointer for f in report.findings] == ["/n1"]
    deep = {"properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}}}
    report = run(bomb, {"a": rule("$.n0", "schema", functionOptions={"schema": deep})})
    assert [name for entry in report.unsupported for name in entry.rules] == ["a"]


def test_the_library_is_not_sent_into_a_bomb(bomb):
    report = run(bomb, {"a": rule("$..[?@.x[?@ == 1]]")})
    assert [entry.rules for entry in report.unsupported] == [("a",)]


def test_circles_of_references():
    root = {
        "a": {"$ref": "#/b"},
        "b": {"$ref": "#/a"},
        "c": {"d": {"$ref": "#/c"}},
        "e": {"$ref": "#"},
    }
    report = run(root, {"a": rule("$..d", "falsy")})
    assert sorted(f.rule for f in report.findings)[-2:] == ["invalid-ref", "invalid-ref"]


def test_a_long_chain_of_references():
    root = {f"n{i}": {"x": {"$ref": f"#/n{i + 1}"}} for i in range(5_000)} | {"n5000": {}}
    assert run(root, {"a": rule("$..nothing")}).findings == ()


def test_findings_are_bounded():
    report = run({"list": [0] * (MAX_FINDINGS + 10)}, {"a": rule("$.list[*]")})
    assert len(report.findings) == MAX_FINDINGS
    assert "more than" in report.unsupported[0].what


def test_filters_nested_beyond_reason():
    report = run({}, {"a": rule("$[?(" + "(" * 500 + "@" + ")" * 500 + ")]")})
    assert [entry.rules for entry in report.unsupported] == [("a",)]


def test_an_expression_without_end():
    report = run({}, {"a": rule("$" + ".a" * 5_000)})
    assert [entry.rules for entry in report.unsupported] == [("a",)]


HOSTILE = {
    "steps": "$" + ".a" * 1_900,
    "descents": "$" + "..a" * 1_300,
    "sets of states without end": "$..a" + ".*" * 90,
    "more of them": "$..a" + "..*" * 90,
    "signs": "$[?(" + "-" * 3_900 + "@)]",
    "typeof": "$[?(" + "typeof " * 500 + "@)]",
    "members": "$[?(@" + ".a" * 1_900 + ")]",
    "alternatives": "$[?(@" + "||@" * 1_200 + ")]",
    "comparisons": "$[?(@" + "==@" * 1_200 + ")]",
    "brackets": "$" + "[" * 3_900,
    "patterns": "$[?(" + "(/[" * 1_300 + ")]",
    "filters in filters": "$" + "[?@.a[?@.b]]" * 80,
    "trees in trees": "$..[?@..*[?@..*[?@..none]]]",
    "parents": "$..a" + "^" * 300,
    "escapes": "$['" + "\\" * 3_900,
    "a pattern that backtracks": "$..[?(@.a.match(/^(a+)+$/))]",
    "the text of everything": "$..[?(/x/.test(@))]",
}


@pytest.mark.parametrize("given", HOSTILE.values(), ids=HOSTILE)
def test_expressions_end_soon_with_matches_a_refusal_or_in_the_list(bomb, given):
    deep = {}
    for _ in range(90):
        deep = {"a": deep, "b": {"a": "a" * 300 + "!"}}
    wide = {f"k{i}": {"a": [1, {"b": i}]} for i in range(2_000)}
    for root in (bomb, deep, wide):
        started = time.process_time()
        try:
            report = run(root, {"a": rule(given, "defined")})
        except TreatyError as error:
            assert "bracket that is not closed" in error.problem.detail
        else:
            assert [entry.rules for entry in report.unsupported] in ([], [("a",)])
        assert time.process_time() - started < 5


def test_patterns_that_backtrack():
    rules = {"a": rule("$.x", "pattern", functionOptions={"match": "^(a+)+$"})}
    started = time.process_time()
    assert len(run({"x": "a" * 10_000 + "!"}, rules).findings) == 1
    assert time.process_time() - started < 5


def test_templates_do_not_evaluate_and_stay_short():
    rules = {"a": rule("$.x", "falsy") | {"message": "{{value}} {{error}} {{constructor}}" * 500}}
    (found,) = run({"x": "{{description}}" * 100}, rules).findings
    assert len(found.message) <= 2_001


def test_a_chain_of_rulesets_is_bounded():
    files = {f"r{i}.yaml": f"extends: r{i + 1}.yaml\n".encode() for i in range(1_000)}
    with pytest.raises(TreatyError, match="more than 50"):
        loads(files["r0.yaml"], "r0.yaml", files.__getitem__)


def test_rules_are_bounded():
    many = {f"r{i}": rule("$") for i in range(5_001)}
    with pytest.raises(TreatyError, match="at most 5000"):
        run({}, many)


@pytest.mark.parametrize(
    "text", ["", "[]", "1", "text", "rules: []", "rules: {a: []}", "extends: 1"]
)
def test_rulesets_that_are_none(text):
    document = parse(b"{}", source="a.json")
    try:
        assert lint(document, loads(text.encode(), "r.yaml", {}.__getitem__)).findings == ()
    except TreatyError as error:
        assert error.problem.type.slug == "invalid-ruleset"
