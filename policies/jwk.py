"""Which signature algorithms a JSON Web Key may verify (RFC 7517, 7518, 8037, 9864).

The compiler asks it about keys in a snapshot, the gateway about every key it is given.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from policies import base64url


class Algorithm(NamedTuple):
    """What an `alg` demands of its key: the type, and the curve where there is one."""

    kty: str
    crv: str | None = None


# Asymmetric only: a shared secret in a snapshot would let every gateway sign (RFC 8725 3.1).
ALGORITHMS: Mapping[str, Algorithm] = {
    "RS256": Algorithm("RSA"),
    "RS384": Algorithm("RSA"),
    "RS512": Algorithm("RSA"),
    "PS256": Algorithm("RSA"),
    "PS384": Algorithm("RSA"),
    "PS512": Algorithm("RSA"),
    "ES256": Algorithm("EC", "P-256"),
    "ES384": Algorithm("EC", "P-384"),
    "ES512": Algorithm("EC", "P-521"),
    "EdDSA": Algorithm("OKP", "Ed25519"),
    "Ed25519": Algorithm("OKP", "Ed25519"),  # RFC 9864: the same, fully specified
}
COORDINATE_BYTES: Mapping[str, int] = {"P-256": 32, "P-384": 48, "P-521": 66, "Ed25519": 32}
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MIN_RSA_BITS = 2048  # RFC 7518 section 3.3
_MAX_RSA_BITS = 8192  # a verification stays under a millisecond
_MAX_KID = 512


class UnusableKeyError(ValueError):
    """The key cannot verify tokens; the text says why, without values."""


def usable(jwk: object, allowed: Iterable[str]) -> frozenset[str]:
    """Return the names of `allowed` that the key may verify, never none.

    Raises `UnusableKeyError`: another type or curve, too short, meant for something else, private.
    """
    if not isinstance(jwk, dict):
        raise UnusableKeyError("a key is not an object")
    if not PRIVATE.isdisjoint(jwk):
        raise UnusableKeyError("a key has private members; its secret is out")
    kid = jwk.get("kid", "")
    if not isinstance(kid, str) or len(kid) > _MAX_KID:
        raise UnusableKeyError("a kid is not a short text")
    _check_purpose(jwk)
    kind = Algorithm(_text(jwk, "kty"), _text(jwk, "crv") if jwk.get("kty") != "RSA" else None)
    names = frozenset(name for name in allowed if ALGORITHMS.get(name) == kind)
    if "alg" in jwk:
        names &= {_text(jwk, "alg")}
    if not names:
        raise UnusableKeyError("a key fits none of the issuer's algorithms")
    _check_material(jwk, kind)
    return names


def number(jwk: Mapping[str, object], member: str) -> int:
    """Return a Base64urlUInt (RFC 7518 section 2). Raises `UnusableKeyError`."""
    return int.from_bytes(octets(jwk, member), "big")


def octets(jwk: Mapping[str, object], member: str) -> bytes:
    """Return the octets of a member. Raises `UnusableKeyError`."""
    try:
        return base64url.decode(_text(jwk, member))
    except ValueError:
        raise UnusableKeyError(f"a key's {member} is not base64url") from None


def _text(jwk: Mapping[str, object], member: str) -> str:
    value = jwk.get(member)
    if not isinstance(value, str):
        raise UnusableKeyError(f"a key has no {member}")
    return value


def _check_purpose(jwk: Mapping[str, object]) -> None:
    if jwk.get("use", "sig") != "sig":
        raise UnusableKeyError("a key is not meant for signatures (use)")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise UnusableKeyError("a key is not meant for verifying (key_ops)")


def _check_material(jwk: Mapping[str, object], kind: Algorithm) -> None:
    if kind.crv is not None:
        size = COORDINATE_BYTES[kind.crv]
        for member in ("x", "y") if kind.kty == "EC" else ("x",):
            if len(octets(jwk, member)) != size:
                raise UnusableKeyError(f"a key's {member} has not {size} octets")
        return
    bits, exponent = number(jwk, "n").bit_length(), number(jwk, "e")
    if not _MIN_RSA_BITS <= bits <= _MAX_RSA_BITS:
        raise UnusableKeyError(f"an RSA key has not {_MIN_RSA_BITS} to {_MAX_RSA_BITS} bits")
    if exponent % 2 == 0 or not 3 <= exponent < 2**33:  # noqa: PLR2004  # RFC 8017 3.1; FIPS 186-5 bound is larger than libraries take
        raise UnusableKeyError("an RSA key's exponent is even, below 3 or out of range")
