"""The canonical entities: schemas that read, examples that hold, money that is never a float."""

import copy
import json

import pytest
from jsonschema import Draft202012Validator

from contracts import library
from contracts.compat.run import compare
from contracts.formats import read

NAMES = [name for name in library.names() if name.startswith("canonical/")]
ENTITIES = {
    "assignment", "change-order", "contract", "customer", "expense", "forecast-snapshot",
    "invoice", "milestone", "opportunity", "payment", "project", "resource", "time-entry",
}  # fmt: skip


def schema(name):
    return json.loads(library.text(name))


def nodes(value):
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from nodes(child)


def test_every_entity_is_there():
    assert {name.removeprefix("canonical/").partition("-1.0.0")[0] for name in NAMES} == ENTITIES


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_reads_as_a_contract_and_its_example_holds(name):
    contract = read(library.text(name), source=name)
    assert contract.schema is not None
    made = schema(name)
    Draft202012Validator.check_schema(made)
    judge = Draft202012Validator(made, format_checker=Draft202012Validator.FORMAT_CHECKER)
    (example,) = made["examples"]
    assert list(judge.iter_errors(example)) == []
    for required in made["required"]:
        less = {key: value for key, value in example.items() if key != required}
        assert not judge.is_valid(less)
    assert not judge.is_valid(example | {"surprise": 1})
    assert compare(contract, read(library.text(name), source=name)).findings == ()


@pytest.mark.parametrize("name", NAMES)
def test_money_is_a_decimal_string_beside_its_currency(name):
    made = schema(name)
    assert all(node.get("type") != "number" for node in nodes(made))
    amounts = [node for node in nodes(made["properties"]) if node.get("$ref") == "#/$defs/Amount"]
    if amounts:
        assert "currency" in made["properties"]
    if "Amount" in made["$defs"]:
        assert made["$defs"]["Amount"]["x-data-classification"]["category"] == "financial"
        broken = copy.deepcopy(made["examples"][0])
        for key in ("amount", "total", "total_value", "delta_value"):
            if key in broken:
                broken[key] = 7.5
                assert not Draft202012Validator(made).is_valid(broken)


def test_terms_of_the_european_norm_are_named():
    found = {
        node["x-en16931"]
        for node in nodes(schema("canonical/invoice-1.0.0.schema.json"))
        if "x-en16931" in node
    }
    assert {"BT-1", "BT-2", "BT-3", "BT-5", "BT-9", "BT-11", "BT-12", "BT-112", "BT-131"} <= found
