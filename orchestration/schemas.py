"""JSON Schema validation of values at a place of a contract, references and dialect included."""

from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contracts import pointer as jp
from contracts.document import Json
from contracts.model import Contract, Node
from contracts.problem import Detail

_ROOT = "urn:treaty:contract"
_MAX_ERRORS = 20


class Schemas:
    """Validators of one contract, made once per schema and direction."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document
        resource = DRAFT202012.create_resource(contract.document.root)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self._old = contract.dialect in ("openapi-3.0", "swagger-2.0")
        self._validators: dict[tuple[str, bool], Validator] = {}

    def errors(
        self, node: Node | None, value: Json, *, writing: bool, at: str
    ) -> tuple[Detail, ...]:
        """Return what is wrong with a value, each with a pointer that starts with `at`.

        `writing` is true for what clients send. The sentences name the rule, never the value.
        """
        if node is None:
            return ()
        found: list[Detail] = []
        for error in self._validator(node, writing).iter_errors(value):
            place = jp.join(at, *map(str, error.absolute_path))
            found.append(Detail(f"breaks `{error.validator}` of the contract", place))
            if len(found) >= _MAX_ERRORS:
                break
        return tuple(found)

    def _validator(self, node: Node, writing: bool) -> Validator:
        key = (node.pointer, writing)
        if key not in self._validators:
            kind: Any = OAS31Validator
            if self._old:
                kind = OAS30WriteValidator if writing else OAS30ReadValidator
            self._validators[key] = kind(
                self._schema(node),
                registry=self._registry,
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
        return self._validators[key]

    def _schema(self, node: Node) -> Json:
        """Return a reference to the node, or its value where it was cut out of its place."""
        try:
            stands_there = self._document.at(node.pointer) == node.value
        except LookupError:
            stands_there = False
        return {"$ref": f"{_ROOT}#{quote(node.pointer)}"} if stands_there else _absolute(node.value)


def _absolute(value: Json) -> Json:
    """Return a schema whose local references name the contract."""
    if isinstance(value, list):
        return [_absolute(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _absolute(child) for key, child in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        copy["$ref"] = _ROOT + reference
    return copy
