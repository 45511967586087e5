"""The canonical form of a JSON value and its SHA-256: what makes two texts the same contract."""

import hashlib
from collections.abc import Callable
from json.encoder import encode_basestring

from contracts.document import Json

_encode: Callable[[str], str] = encode_basestring


def canonical(value: Json) -> bytes:
    """Return the JSON Canonicalization Scheme form (RFC 8785) in UTF-8.

    Integers keep all their digits (the RFC would round them to doubles, and two different
    contracts must not share a digest). Raises `ValueError` for NaN, infinities and lone surrogates.
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode()


def digest(value: Json) -> str:
    """Return `sha256:` and the hex digest of the canonical form."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def contract_digest(root: Json) -> str:
    """Return the digest of a contract; its version is text, so `1.10` is not `1.1`."""
    if isinstance(root, dict) and isinstance(info := root.get("info"), dict):
        version = info.get("version")
        if isinstance(version, int | float) and not isinstance(version, bool):
            root = {**root, "info": {**info, "version": str(version)}}
    return digest(root)


def _write(value: Json, put: Callable[[str], None]) -> None:
    if isinstance(value, str):
        put(_encode(value))
    elif value is None or isinstance(value, bool):
        put({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, int):
        put(str(value))
    elif isinstance(value, float):
        put(_number(value))
    elif isinstance(value, list):
        separator = "["
        for item in value:
            put(separator)
            _write(item, put)
            separator = ","
        put("]" if value else "[]")
    else:
        _write_object(value, put)


def _write_object(value: dict[str, Json], put: Callable[[str], None]) -> None:
    separator = "{"
    for key in sorted(value, key=_utf16):
        put(separator)
        put(_encode(key))
        put(":")
        _write(value[key], put)
        separator = ","
    put("}" if value else "{}")


def _utf16(key: str) -> bytes:
    # Section 3.2.3: keys sort by UTF-16 code units, not by code points.
    return key.encode("utf-16-be")


def _number(value: float) -> str:
    """Return a double as ECMAScript prints it (RFC 8785 section 3.2.2.3)."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  # the test for NaN
        raise ValueError("NaN and infinities have no JSON form")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = float.__repr__(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    written = whole + fraction
    digits = written.lstrip("0")
    point = len(whole) + int(exponent_text or 0) - (len(written) - len(digits))
    return sign + _layout(digits.rstrip("0"), point)


def _layout(digits: str, point: int) -> str:
    """Return digits with the decimal point after `point` of them (ECMA-262 6.1.6.1.20)."""
    count = len(digits)
    if count <= point <= 21:  # noqa: PLR2004  # the specification's bound
        return digits + "0" * (point - count)
    if 0 < point <= 21:  # noqa: PLR2004  # same
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004  # same
        return "0." + "0" * -point + digits
    exponent = point - 1
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{rest}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
