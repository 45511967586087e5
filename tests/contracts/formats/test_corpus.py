"""Contracts that nobody here wrote, where they are at hand; and those that ship."""

import time
from pathlib import Path

import pytest

from contracts import library
from contracts.errors import TreatyError
from contracts.formats import read
from contracts.refs import Resolver, references
from contracts.validate import validate

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"


SMALL = b"""openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a: {get: {responses: {200: {$ref: '#/components/responses/Ok'}}}}
components: {responses: {Ok: {description: ok}}}
"""
# What the vendors' contracts break, and nothing else may be found in them.
KNOWN = {"default-mismatch", "ambiguous-path", "unknown-scope"}


def strangers():
    """Yield the corpus where it is at hand (beside a clone, not inside); else one of our own."""
    yield "small.yaml", SMALL
    for path in sorted(CORPUS.glob("*/*.yaml")):
        yield f"{path.parent.name}/{path.name}", path.read_bytes()


def test_real_contracts_are_read_and_judged():
    for name, text in strangers():
        started = time.process_time()
        contract = read(text, source=name)
        # Far above what is measured (0.2 s for the largest), so that a busy machine does not fail.
        assert time.process_time() - started < 5, name
        assert contract.title
        assert contract.version
        assert contract.operations
        resolver = Resolver(contract.document)
        for node in references(contract.document):
            assert resolver.resolve(node).pointer != node.pointer
        lines = text.count(b"\n") + 1
        issues = validate(contract)
        assert all(1 <= issue.place.line <= lines for issue in issues)
        assert {issue.rule for issue in issues} <= KNOWN, name


def test_shipped_contracts_are_sound():
    assert validate(read(SMALL, source="small.yaml")) == ()
    names = library.names()
    assert names == tuple(sorted(set(names)))
    for name in names:
        contract = read(library.text(name), source=name)
        assert validate(contract) == (), name


@pytest.mark.parametrize("name", ["", "../__init__.py", "systems/../../model.py", "absent.yaml"])
def test_only_shipped_names_are_opened(name):
    with pytest.raises(TreatyError) as caught:
        library.text(name)
    assert caught.value.problem.type.slug == "not-found"
