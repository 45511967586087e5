"""Defaults against their own schemas; the one place where values of a document are checked.

OpenAPI 3.0 (Schema Object): unlike JSON Schema, a `default` must conform to the schema.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from jsonschema.exceptions import UnknownType, ValidationError
from openapi_schema_validator import OAS30Validator, OAS31Validator, OAS32Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT4, DRAFT202012

from contracts import pointer as jp
from contracts.formats.detect import OPENAPI_31, OPENAPI_32, SWAGGER_20
from contracts.structure import Part, parts
from contracts.validate.checking import Budget, BudgetSpentError, for_values
from contracts.validate.issue import Issues
from contracts.validate.sentences import intended, mismatch

_STEPS_PER_VALUE = 200
_URI = "urn:treaty:document"
_VALIDATORS: dict[str, Any] = {OPENAPI_31: OAS31Validator, OPENAPI_32: OAS32Validator}
# What hangs on these members is a schema.
_SCHEMAS = frozenset(
    [
        "schema",
        "itemSchema",
        "schemas",
        "definitions",
        "$defs",
        "properties",
        "patternProperties",
        "items",
        "prefixItems",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "additionalProperties",
        "if",
        "then",
        "else",
        "contains",
        "dependentSchemas",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
        "additionalItems",
    ]
)
# A schema that is itself broken makes the validator stumble; `specification` reports it.
_STUMBLES = (UnknownType, Unresolvable, re.error, RecursionError, TypeError, ValueError)
_STUMBLES_ON_SHAPE = (AttributeError, LookupError, ArithmeticError)


def check(issues: Issues, dialect: str) -> None:
    """Note every default that its schema refuses."""
    budget = Budget()
    validator_class = for_values(_VALIDATORS.get(dialect, OAS30Validator), budget)
    specification = DRAFT202012 if dialect in _VALIDATORS else DRAFT4
    root = cast("Any", issues.document.root)
    registry: Registry[Any] = Registry().with_resource(_URI, specification.create_resource(root))
    for part in _with_default(issues, dialect):
        schema = {"$ref": f"{_URI}#{_fragment(part.pointer)}"}
        budget.allow(_STEPS_PER_VALUE)
        validator = validator_class(schema, registry=registry)
        try:
            errors = list(validator.iter_errors(part.value["default"]))
        except BudgetSpentError:
            sentence = "The schemas are too entangled to check the defaults from here on."
            issues.add("default-undecided", sentence, jp.join(part.pointer, "default"))
            return
        except (*_STUMBLES, *_STUMBLES_ON_SHAPE):
            continue
        if errors:
            issues.add("default-mismatch", _sentence(errors), jp.join(part.pointer, "default"))


def _with_default(issues: Issues, dialect: str) -> Iterator[Part]:
    for part in parts(issues.document.root):
        if "default" not in part.value or "$ref" in part.value:
            continue
        swagger = dialect == SWAGGER_20 and part.under == "parameters"
        if part.under in _SCHEMAS or (swagger and part.value.get("in") != "body"):
            yield part


def _fragment(pointer: str) -> str:
    return pointer.replace("%", "%25").replace("#", "%23")


def _sentence(errors: list[ValidationError]) -> str:
    error = errors[0]
    while error.context and error.validator in ("oneOf", "anyOf"):
        error = intended(error)[0]
    if error.validator == "type":
        return f"The default must be {mismatch(error)}."
    if error.validator == "enum":
        return "The default is not among the values that its schema lists."
    return f"The default breaks the '{error.validator}' of its own schema."
