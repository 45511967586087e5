"""Runs `cases.yaml`: a document, an expression, and the places in the text that it selects."""

from pathlib import Path

import pytest

from contracts import pointer as jp
from contracts.document import Document
from contracts.formats.yaml import parse
from contracts.lint import tree
from contracts.lint.function import UnsupportedError
from contracts.lint.path import syntax
from contracts.lint.select import select

ROOT = parse((Path(__file__).parent / "cases.yaml").read_bytes(), source="cases.yaml").root


def params(name):
    for group in ROOT[name]:
        for case in group["cases"]:
            yield pytest.param(group["document"], case, id=case["given"])


@pytest.mark.parametrize(("document", "case"), list(params("selects")))
def test_selects_exactly_these_places(document, case):
    seen = Document("case", document, {})
    built = tree.raw(seen) if case.get("raw") else tree.resolved(seen)
    selection = select(built, [case["given"]])
    assert selection.unsupported == {}
    found = selection.matches[case["given"]]
    # Natively and behind a reference the same place is judged twice, and told once.
    assert {jp.join("", *match.path) for match in found} == set(case["at"])
    if "values" in case:
        assert {str(m.value) for m in found} == set(map(str, case["values"]))


@pytest.mark.parametrize("text", ROOT["fallback"])
def test_what_our_matcher_leaves_to_the_library(text):
    with pytest.raises(UnsupportedError):
        syntax.parse(text["given"])
    selection = select(tree.resolved(Document("case", text["document"], {})), [text["given"]])
    assert sorted(jp.join("", *m.path) for m in selection.matches[text["given"]]) == text["at"]


@pytest.mark.parametrize("text", ROOT["unsupported"])
def test_what_cannot_be_run_is_listed(text):
    selection = select(tree.raw(Document("case", {"a": {"b": 1}}, {})), [text])
    assert list(selection.unsupported) == [text]
    assert selection.matches == {}


def test_all_expressions_together_select_what_each_selects_alone():
    for group in ROOT["selects"]:
        built = tree.resolved(Document("case", group["document"], {}))
        texts = [case["given"] for case in group["cases"]]
        together = select(built, texts).matches
        for text in texts:
            assert set(map(str, together[text])) == set(
                map(str, select(built, [text]).matches[text])
            )
