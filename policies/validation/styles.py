"""Parameters from text to values by location, style and explode (OpenAPI 3.1 section 4.8.12).

What a style cannot spell stays text, for the schema to refuse. Everything here is linear.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus

from contracts.document import Json

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,2})?")
_COMMA = re.compile(",")
_SEPARATORS = {
    "spaceDelimited": re.compile(r" |\+|%20"),
    "pipeDelimited": re.compile(r"\||%7[Cc]"),
    "tsv": re.compile("%09"),
}
MAX_ITEMS = 1_000


class ParameterError(ValueError):
    """The text does not spell a value of this style."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a parameter's schema looks like from outside: how text is to be taken apart."""

    types: frozenset[str]
    items: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[str]] | None = None

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> "Shape":
        """Return the shape from the plain settings of a rule."""
        members = {name: frozenset(types) for name, types in settings.get("members", {}).items()}
        return cls(frozenset(settings["types"]), frozenset(settings.get("items", ())), members)

    @property
    def is_array(self) -> bool:
        """Return whether the text is a list."""
        return "array" in self.types

    @property
    def is_object(self) -> bool:
        """Return whether the text is names and values."""
        return "object" in self.types and not self.is_array


def scalar(text: str, types: frozenset[str]) -> Json:
    """Return the text as the first type that it reads as; else the text."""
    if "string" in types and len(types) == 1:
        return text
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return int(text) if _INTEGER.fullmatch(text) else float(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return None if "null" in types and text in ("", "null") and "string" not in types else text


def path_value(text: str, name: str, style: str, explode: bool, shape: Shape) -> Json:
    """Return the value of a path segment. Raises `ParameterError`."""
    if style == "label":
        return _simple(_after(text, "."), "." if explode else ",", explode, shape, unquote)
    if style == "matrix":
        return _matrix(text, name, explode, shape)
    return _simple(text, ",", explode, shape, unquote)


def header_value(text: str, explode: bool, shape: Shape) -> Json:
    """Return the value of a header field; list members may have spaces around (RFC 9110 5.6.1)."""
    return _simple(text, ",", explode, shape, str.strip)


def query_value(
    pairs: Mapping[str, list[str]], name: str, style: str, explode: bool, shape: Shape
) -> Json | None:
    """Return the value of a query or cookie parameter, None where it was not sent."""
    if style == "deepObject":
        return _deep(pairs, name, shape)
    if shape.is_object and explode:
        found = {
            member: scalar(pairs[member][-1], types)
            for member, types in (shape.members or {}).items()
            if member in pairs
        }
        return found or None
    texts = pairs.get(name)
    if texts is None:
        return None
    if shape.is_array:
        parts = texts if explode and style == "form" else _split(_one(texts), style)
        return _items([unquote_plus(part) for part in parts], shape)
    text = _one(texts)
    if shape.is_object:
        return _members(_split(text, style), shape, unquote_plus)
    return scalar(unquote_plus(text), shape.types)


def _split(text: str, style: str) -> list[str]:
    """Return the parts; spaces and pipes come escaped (OpenAPI 3.1 appendix E)."""
    return (_SEPARATORS.get(style) or _COMMA).split(text)


def _one(texts: list[str]) -> str:
    if len(texts) > 1:
        # A second value would be ignored by one reader and taken by another.
        raise ParameterError("it is sent twice")
    return texts[0]


def _after(text: str, mark: str) -> str:
    if not text.startswith(mark):
        raise ParameterError(f"it does not begin with `{mark}`")
    return text[len(mark) :]


def _simple(
    text: str, separator: str, explode: bool, shape: Shape, decode: Callable[[str], str]
) -> Json:
    if shape.is_array:
        return _items([decode(part) for part in text.split(separator)], shape)
    if shape.is_object:
        if explode:
            return _pairs(text.split(separator), shape, decode)
        return _members(text.split(","), shape, decode)
    return scalar(decode(text), shape.types)


def _matrix(text: str, name: str, explode: bool, shape: Shape) -> Json:
    rest = _after(text, ";")
    if shape.is_object and explode:
        return _pairs(rest.split(";"), shape, unquote)
    if shape.is_array and explode:
        return _items([unquote(_after(part, f"{name}=")) for part in rest.split(";")], shape)
    return _simple(_after(rest, f"{name}="), ",", False, shape, unquote)


def _items(parts: list[str], shape: Shape) -> Json:
    if len(parts) > MAX_ITEMS:
        raise ParameterError("it has too many items")
    return [scalar(part, shape.items) for part in parts]


def _members(parts: list[str], shape: Shape, decode: Callable[[str], str]) -> Json:
    """Return the object of `name,value,name,value`."""
    if len(parts) % 2 or len(parts) > MAX_ITEMS:
        raise ParameterError("it has no value for each name")
    names = [decode(name) for name in parts[::2]]
    return _object(names, [decode(value) for value in parts[1::2]], shape)


def _pairs(parts: list[str], shape: Shape, decode: Callable[[str], str]) -> Json:
    """Return the object of `name=value` parts."""
    if len(parts) > MAX_ITEMS or not all("=" in part for part in parts):
        raise ParameterError("it has no value for each name")
    split = [part.partition("=") for part in parts]
    return _object([decode(n) for n, _, _ in split], [decode(v) for _, _, v in split], shape)


def _object(names: list[str], values: list[str], shape: Shape) -> Json:
    if len(set(names)) != len(names):
        raise ParameterError("it names a member twice")
    members = shape.members or {}
    return {n: scalar(v, members.get(n, frozenset())) for n, v in zip(names, values, strict=True)}


def _deep(pairs: Mapping[str, list[str]], name: str, shape: Shape) -> Json | None:
    start, members = f"{name}[", shape.members or {}
    found: dict[str, Json] = {}
    for key, texts in pairs.items():
        if key.startswith(start) and key.endswith("]"):
            member = key[len(start) : -1]
            found[member] = scalar(unquote_plus(_one(texts)), members.get(member, frozenset()))
    return found or None
