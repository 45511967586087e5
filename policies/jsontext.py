"""JSON in and out without loss: numbers as written, members in order, nothing read two ways."""

import json

from contracts.document import Json, Number


class NotJsonError(ValueError):
    """The text is not JSON, or not JSON that everybody reads alike."""


def parse(text: bytes) -> Json:
    """Return the value. Raises `NotJsonError` for duplicate members, NaN, bad UTF-8 or deep nesting."""
    try:
        value: Json = json.loads(
            text.decode("utf-8"),
            parse_float=Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_members,
        )
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


def write(value: Json) -> bytes:
    """Return the JSON text. Raises `NotJsonError` where it cannot be encoded (lone surrogates)."""
    parts: list[str] = []
    try:
        _write(value, parts)
        return "".join(parts).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise NotJsonError(type(error).__name__) from None


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
