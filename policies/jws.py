"""A compact JWS (RFC 7515) taken apart: every part checked, nothing verified yet.

The gateway verifies it (`gateway.tokens`); `explaintoken` only reads it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies import base64url

MAX_CHARS = 16_384
_PARTS = 3
# What would change how the token is read (RFC 7515 4.1.11, RFC 7797, RFC 7516 4.1.2 and 4.1.3).
# None is understood here, so none may stand in a header.
_REFUSED = ("crit", "b64", "zip", "enc")


class MalformedError(ValueError):
    """The text is no compact JWS that everybody reads alike; says nothing of its content."""


@dataclass(frozen=True, slots=True)
class Jws:
    """The parts. `alg`, `typ` and `kid` of the header are texts; `typ` in lower case."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    signed: bytes  # the octets that the signature is over
    signature: bytes

    @property
    def alg(self) -> str:
        """Return the algorithm that the sender claims."""
        return str(self.header["alg"])

    @property
    def kid(self) -> str | None:
        """Return the key id, None where the header has none."""
        return self.header.get("kid")

    @property
    def typ(self) -> str:
        """Return the type in lower case without `application/` (RFC 7515 section 4.1.9)."""
        return str(self.header.get("typ", "")).lower().removeprefix("application/")


def parse(text: str) -> Jws:
    """Return the parts. Raises `MalformedError`, whatever the text is."""
    if len(text) > MAX_CHARS or not text.isascii():
        raise MalformedError
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise MalformedError
    try:
        header, payload, signature = map(base64url.decode, parts)
    except ValueError:
        raise MalformedError from None
    if not signature:
        raise MalformedError
    signed = text[: -len(parts[2]) - 1].encode("ascii")
    return Jws(_header(header), _object(payload), signed, signature)


def _header(text: bytes) -> Mapping[str, Any]:
    header = _object(text)
    named = ("alg" in header) and all(
        isinstance(header.get(name, ""), str) for name in ("alg", "typ", "cty", "kid")
    )
    if not named or any(name in header for name in _REFUSED):
        raise MalformedError
    # A nested JWT says so in `cty` (RFC 7519 section 5.2); its payload would be another token.
    if str(header.get("cty", "")).lower().removeprefix("application/") == "jwt":
        raise MalformedError
    return header


def _object(text: bytes) -> Mapping[str, Any]:
    """Return the JSON object; equal names, NaN, infinities and lone surrogates are refused."""
    try:
        value = _JSON.decode(text.decode("utf-8"))
        if b"\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise MalformedError from None
    if not isinstance(value, dict):
        raise MalformedError
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError
    return members


def _no_constant(name: str) -> float:
    del name  # NaN, Infinity, -Infinity: no JSON
    raise MalformedError


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise MalformedError
    return value


_JSON = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_finite
)
