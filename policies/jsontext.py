"""JSON in and out without loss: numbers as written, members in order, nothing read two ways."""

import json

import orjson

from contracts.document import Json, Number


class NotJsonError(ValueError):
    """The text is not JSON, or not JSON that everybody reads alike."""


def parse(text: bytes) -> Json:
    """Return the value. Raises `NotJsonError` for duplicate members, NaN, bad UTF-8 or deep nesting."""
    try:
        quick: Json = orjson.loads(text)
        # A text that comes back byte for byte has no duplicate member, and no number lost a digit.
        if orjson.dumps(quick) == text:
            return quick
    except ValueError:
        pass  # the strict reader below says what is wrong
    try:
        value: Json = _STRICT.decode(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NotJsonError(type(error).__name__) from None
    return value


def _refuse_constant(name: str) -> Json:
    raise NotJsonError(name)


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        # Which of two members counts depends on the reader; a mask must not depend on it.
        raise NotJsonError("duplicate member")
    return mapping


_STRICT = json.JSONDecoder(
    parse_float=Number, parse_constant=_refuse_constant, object_pairs_hook=_members
)


def write(value: Json) -> bytes:
    """Return the JSON text. Raises `NotJsonError` where it cannot be encoded (lone surrogates)."""
    try:
        return orjson.dumps(value, _as_written)
    except (TypeError, RecursionError):
        pass  # integers of more than 64 bits, say
    parts: list[str] = []
    try:
        _write(value, parts)
        return "".join(parts).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise NotJsonError(type(error).__name__) from None


def _as_written(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError(type(value).__name__)


def _write(value: Json, parts: list[str]) -> None:
    if isinstance(value, dict):
        opening = "{"
        for name, member in value.items():
            parts.append(f"{opening}{json.dumps(name, ensure_ascii=False)}:")
            _write(member, parts)
            opening = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        opening = "["
        for item in value:
            parts.append(opening)
            _write(item, parts)
            opening = ","
        parts.append("]" if value else "[]")
    elif isinstance(value, Number):
        parts.append(value.text)
    else:
        parts.append(json.dumps(value, ensure_ascii=False))
