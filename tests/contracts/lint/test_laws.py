"""Laws: the order of rules, keys and references changes nothing; a place is told once."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.document import Document
from contracts.formats.yaml import parse
from contracts.lint import tree
from contracts.lint.ruleset import loads, pack
from contracts.lint.run import lint

NAMES = ["a", "b", "get", "type", "$ref", "properties", "0"]
GIVEN = [
    "$",
    "$.a",
    "$..b",
    "$.*.get",
    "$..[?(@.type)]",
    "$..a^",
    "$.*~",
    "$..properties[*]",
    "$..*",
    "$[a,b]..get",
]
REFERENCES = st.sampled_from(["#/a", "#/b", "#/a/b", "#", "#/none", "#/b/properties/a"])
DOCUMENTS = st.recursive(
    st.one_of(
        st.integers(0, 3),
        st.sampled_from(["x", ""]),
        st.builds(lambda ref: {"$ref": ref}, REFERENCES),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([n for n in NAMES if n != "$ref"]), inner, max_size=4),
    ),
    max_leaves=25,
)
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "given": st.lists(st.sampled_from(GIVEN), min_size=1, max_size=3),
            "severity": st.sampled_from(["error", "warn", "info", "hint"]),
            "resolved": st.booleans(),
            "then": st.fixed_dictionaries(
                {"function": st.sampled_from(["truthy", "falsy", "defined"])},
                optional={"field": st.sampled_from(["a", "get.type", "@key"])},
            ),
        }
    ),
    min_size=1,
    max_size=5,
)


def findings(root, rules):
    document = parse(json.dumps(root).encode(), source="a.json")
    ruleset = loads(json.dumps({"rules": rules}).encode(), "rules.json", {}.__getitem__)
    found = lint(document, ruleset).findings
    return [(f.rule, f.severity, f.place.pointer, f.fingerprint) for f in found]


@given(DOCUMENTS, RULES, st.randoms())
def test_the_order_of_rules_changes_nothing(root, rules, random):
    named = [(f"r{index}", rule) for index, rule in enumerate(rules)]
    shuffled = random.sample(named, len(named))
    assert findings(root, dict(named)) == findings(root, dict(shuffled))


@given(DOCUMENTS, RULES)
def test_a_rule_finds_the_same_alone(root, rules):
    named = {f"r{index}": rule for index, rule in enumerate(rules)}
    together = sorted(findings(root, named))
    alone = [f for name, rule in named.items() for f in findings(root, {name: rule})]
    # Dead references are told whatever the rules are.
    assert set(together) == set(alone)


@given(DOCUMENTS, RULES)
def test_findings_point_at_places_that_are_written(root, rules):
    document = parse(json.dumps(root).encode(), source="a.json")
    named = {f"r{index}": rule for index, rule in enumerate(rules)}
    ruleset = loads(json.dumps({"rules": named}).encode(), "rules.json", {}.__getitem__)
    for finding in lint(document, ruleset).findings:
        assert finding.place.pointer in document.positions


@given(DOCUMENTS)
def test_the_resolved_tree_ends(root):
    seen = tree.resolved(Document("a", root, {}))
    stack = [(seen.root, frozenset())]
    steps = 0
    while stack and steps < 20_000:
        steps += 1
        value, above = stack.pop()
        if isinstance(value, dict | list):
            assert id(value) not in above
            members = value.values() if isinstance(value, dict) else value
            stack += [(member, above | {id(value)}) for member in members]


@given(DOCUMENTS)
def test_without_references_both_trees_are_equal(root):
    text = json.dumps(root).replace("$ref", "ref")
    document = Document("a", json.loads(text), {})
    assert tree.resolved(document).root == document.root


@settings(max_examples=30)
@given(DOCUMENTS)
def test_our_own_pack_takes_any_document(root):
    for top in (root, {"openapi": "3.1.0", "info": root, "paths": root, "components": root}):
        lint(parse(json.dumps(top).encode(), source="a.json"), pack("treaty:governance"))
