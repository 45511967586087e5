"""What a schema validator's complaint means: rule, sentence and the exact place.

The validators describe which schema keyword failed; people need to know what is wrong in their
text. Called by `specification` and `schemas` for documents, by `defaults` for values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from contracts import pointer as jp

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "a boolean",
    "null": "null",
}
_BOUNDS = {
    "minItems": "has too few items",
    "maxItems": "has too many items",
    "minProperties": "has too few members",
    "maxProperties": "has too many members",
    "minLength": "is too short",
    "maxLength": "is too long",
    "minimum": "is too small",
    "maximum": "is too large",
    "exclusiveMinimum": "is too small",
    "exclusiveMaximum": "is too large",
    "multipleOf": "is not a multiple of what is asked for",
}
_OTHERS = {
    "pattern": ("malformed", "does not have the required form"),
    "format": ("malformed", "does not have the required format"),
    "uniqueItems": ("duplicate-item", "holds the same item twice"),
    "not": ("contradiction", "has a form that is not permitted"),
    "oneOf": ("contradiction", "fits no single permitted form"),
    "anyOf": ("contradiction", "fits no permitted form"),
    "dependentRequired": ("missing-member", "lacks a member that another one needs"),
    "dependencies": ("missing-member", "lacks a member that another one needs"),
}
_SHOWN = 12
_PATH_DEPTH = 2  # /paths/<path>
_OPERATION_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Complaint:
    """One reworded error; `pointer` is relative to what was validated."""

    rule: str
    sentence: str
    pointer: str
    subject: str = ""


def complaints(error: ValidationError, base: str = "") -> Iterator[Complaint]:
    """Yield what an error means; alternatives are followed into the one that was meant."""
    pointer = jp.join(base, *error.absolute_path)
    name = label(pointer)
    keyword = error.validator
    if keyword in ("oneOf", "anyOf") and error.context:
        for inner in intended(error):
            yield from complaints(inner, base)
    elif keyword == "required":
        for member in missing(error):
            yield Complaint("missing-member", f"{name} lacks '{member}'.", pointer, member)
    elif keyword in ("additionalProperties", "unevaluatedProperties"):
        yield from _unknown(error, name, pointer)
    elif keyword == "type":
        yield Complaint("wrong-type", f"{name} must be {mismatch(error)}.", pointer)
    elif keyword in ("enum", "const"):
        yield Complaint("value-not-allowed", f"{name} must be {_choices(error)}.", pointer)
    elif keyword in _BOUNDS:
        yield Complaint("out-of-bounds", f"{name} {_BOUNDS[str(keyword)]}.", pointer, str(keyword))
    else:
        yield _other(error, name, pointer)


def _unknown(error: ValidationError, name: str, pointer: str) -> Iterator[Complaint]:
    for member in _extras(error):
        sentence = f"{name} cannot have '{_clip(member)}'; the specification knows no such member."
        yield Complaint("unknown-member", sentence, jp.join(pointer, member))


def _other(error: ValidationError, name: str, pointer: str) -> Complaint:
    keyword = str(error.validator)
    rule, sentence = _OTHERS.get(keyword, ("not-allowed", "is not allowed here"))
    if keyword == "not":
        sentence = _excluded(error)
    return Complaint(rule, f"{name} {sentence}.", pointer, keyword)


def mismatch(error: ValidationError) -> str:
    """Return `a boolean, not a string; remove the quotes` for a failed `type`."""
    wanted: Any = error.validator_value
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    expected = " or ".join(_TYPES.get(str(name), str(name)) for name in names)
    found = kind(error.instance)
    hint = ""
    if found == "a string" and "string" not in names and _scalar(names):
        hint = "; remove the quotes"
    elif "string" in names and found in ("a number", "an integer", "a boolean"):
        hint = "; put it in quotes"
    return f"{expected}, not {found}{hint}"


def _scalar(names: list[Any]) -> bool:
    return any(name in ("boolean", "integer", "number", "null") for name in names)


def kind(value: object) -> str:
    """Return what a JSON value is, in words."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "a boolean"
    for types, words in (
        (int, "an integer"),
        (float, "a number"),
        (str, "a string"),
        (list, "a list"),
    ):
        if isinstance(value, types):
            return words
    return "a mapping"


def label(pointer: str) -> str:
    """Return how people call the place: `'info'`, `Item 2 of 'tags'`, `GET /pets`."""
    tokens = jp.split(pointer)
    if not tokens:
        return "The document"
    last = tokens[-1]
    if tokens[0] == "paths" and len(tokens) == _PATH_DEPTH:
        return f"The path {_clip(last)}"
    if tokens[0] == "paths" and len(tokens) == _OPERATION_DEPTH:
        return f"{last.upper()} {_clip(tokens[1])}"
    if last.isdigit() and len(tokens) > 1 and tokens[-2] != "responses":
        return f"Item {int(last[:9]) + 1} of '{_clip(tokens[-2])}'"
    return f"'{_clip(last)}'"


def missing(error: ValidationError) -> list[str]:
    """Return the one required member that this error is about."""
    if not isinstance(error.instance, dict) or not isinstance(error.validator_value, list):
        return []
    absent = [str(name) for name in error.validator_value if name not in error.instance]
    # The library raises one error per absent member and begins its message with the name.
    return [name for name in absent if error.message.startswith(repr(name))] or absent[:1]


def _extras(error: ValidationError) -> list[str]:
    instance = error.instance if isinstance(error.instance, dict) else {}
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        known = error.schema.get("properties", {})
        extras = [str(key) for key in instance if key not in known]
    else:
        extras = [str(key) for key in instance]
    return [key for key in extras if repr(key) in error.message][:_SHOWN] or extras[:1]


def _choices(error: ValidationError) -> str:
    wanted: Any = error.validator_value
    values = list(wanted) if error.validator == "enum" else [wanted]
    shown = ", ".join(f"'{value}'" for value in values[:_SHOWN])
    return f"one of {shown}" if len(values) > 1 else shown


def _excluded(error: ValidationError) -> str:
    rule = error.validator_value
    if isinstance(rule, dict) and isinstance(names := rule.get("required"), list):
        return "cannot have " + " together with ".join(f"'{name}'" for name in names)
    return "has a form that is not permitted"


def intended(error: ValidationError) -> list[ValidationError]:
    """Return the errors of the alternative that comes closest to what is written."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or []:
        branches.setdefault(inner.schema_path[0] if inner.schema_path else 0, []).append(inner)
    is_reference = isinstance(error.instance, dict) and "$ref" in error.instance
    return min(branches.values(), key=lambda errors: _distance(errors, is_reference))


def _distance(
    errors: list[ValidationError], is_reference: bool
) -> tuple[bool, bool, int, int, int]:
    """Order alternatives: the right kind first, then the right discriminator, then the nearest."""
    asks_reference = any(e.validator == "required" and "$ref" in missing(e) for e in errors)
    wrong_type = any(e.validator == "type" and not e.relative_path for e in errors)
    discriminated = sum(
        1 for e in errors if e.validator in ("enum", "const") and len(e.relative_path) <= 1
    )
    depth = max(len(e.relative_path) for e in errors)
    return (asks_reference and not is_reference, wrong_type, discriminated, -depth, len(errors))


def _clip(text: str) -> str:
    limit = 100
    return text if len(text) <= limit else text[:limit] + "…"
