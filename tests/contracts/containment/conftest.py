"""Asks containment about two JSON Schemas, as the comparison does."""

import json

import pytest

from contracts.containment.decide import Containment
from contracts.containment.words import Side
from contracts.formats import read
from contracts.refs import Resolver
from contracts.report import Direction
from contracts.sameness import Sameness
from contracts.schema import Spot

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@pytest.fixture(scope="session")
def ask():
    return _ask


def _ask(old, new, *, lenient=False, budget=20_000):
    texts = [json.dumps({"$schema": DIALECT, **schema}).encode() for schema in (old, new)]
    contracts = [read(text, source="schema.json") for text in texts]
    resolvers = [Resolver(contract.document) for contract in contracts]
    sides = [
        Side(name, resolver, contract.dialect, Direction.NONE, infers=False)
        for name, resolver, contract in zip(("old", "new"), resolvers, contracts, strict=True)
    ]
    containment = Containment(*sides, Sameness(*resolvers), lenient=lenient, budget=budget)
    return containment.ask(*(Spot.of(contract.schema) for contract in contracts))
