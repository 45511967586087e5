"""The core functions that rulesets may name; one explicit list, duplicate names cannot exist."""

from collections.abc import Mapping

from contracts.lint.function import Function
from contracts.lint.functions import (
    alphabetical,
    casing,
    choice,
    enumeration,
    length,
    pattern,
    presence,
    reusable,
    schema,
    typedenum,
)

FUNCTIONS: Mapping[str, Function] = {
    "alphabetical": alphabetical.alphabetical,
    "casing": casing.casing,
    "defined": presence.defined,
    "enumeration": enumeration.enumeration,
    "falsy": presence.falsy,
    "length": length.length,
    "or": choice.either,
    "pattern": pattern.pattern,
    "schema": schema.schema,
    "truthy": presence.truthy,
    "typedEnum": typedenum.typed_enum,
    "undefined": presence.undefined,
    "unreferencedReusableObject": reusable.unreferenced_reusable_object,
    "xor": choice.exactly_one,
}
