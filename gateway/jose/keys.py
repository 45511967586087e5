"""Public keys ready to verify: a JWK bound to its algorithms (RFC 8725 section 3.1)."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from policies import base64url
from policies.jwk import ALGORITHMS, COORDINATE_BYTES, UnusableKeyError, number, octets, usable

_Verify = Callable[[str, bytes, bytes], bool]
_CURVES: Mapping[str, Callable[[], ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
_HASHES: Mapping[str, Callable[[], hashes.HashAlgorithm]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}
_MAX_KEYS = 100
# RFC 7638 section 3.2 and RFC 8037 section 2: the members that a thumbprint is over.
_IDENTIFYING = {
    "RSA": ("e", "kty", "n"),
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key that verifies signatures of its algorithms and of no other."""

    kid: str | None
    algorithms: frozenset[str]
    _verify: _Verify

    def verifies(self, algorithm: str, signed: bytes, signature: bytes) -> bool:
        """Return whether the signature is this key's, made with this algorithm."""
        if algorithm not in self.algorithms:
            return False
        try:
            return self._verify(algorithm, signed, signature)
        except InvalidSignature:
            return False


def key(jwk: Mapping[str, Any], allowed: Iterable[str]) -> Key:
    """Return the key. Raises `UnusableKeyError` for what cannot verify any of `allowed`."""
    algorithms = usable(jwk, allowed)
    try:
        verify = _MAKERS[jwk["kty"]](jwk)
    except (ValueError, UnsupportedAlgorithm):
        # Not on the curve, not a modulus: the library says which, with values.
        raise UnusableKeyError("a key's numbers make no key") from None
    return Key(jwk.get("kid"), algorithms, verify)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the SHA-256 thumbprint of a usable key (RFC 7638)."""
    members = {name: jwk[name] for name in _IDENTIFYING[jwk["kty"]]}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return base64url.encode(hashlib.sha256(text.encode()).digest())


def _rsa(jwk: Mapping[str, Any]) -> _Verify:
    public = rsa.RSAPublicNumbers(number(jwk, "e"), number(jwk, "n")).public_key()
    size = (public.key_size + 7) // 8

    def verify(algorithm: str, signed: bytes, signature: bytes) -> bool:
        if len(signature) != size:
            return False
        digest = _HASHES[algorithm[2:]]()
        scheme: padding.AsymmetricPadding = padding.PKCS1v15()
        if algorithm.startswith("PS"):
            # RFC 7518 section 3.5: the salt is as long as the hash.
            scheme = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
        public.verify(signature, signed, scheme, digest)
        return True

    return verify


def _ec(jwk: Mapping[str, Any]) -> _Verify:
    curve = jwk["crv"]
    size = COORDINATE_BYTES[curve]
    numbers = ec.EllipticCurvePublicNumbers(number(jwk, "x"), number(jwk, "y"), _CURVES[curve]())
    public = numbers.public_key()

    def verify(algorithm: str, signed: bytes, signature: bytes) -> bool:
        # RFC 7518 section 3.4: R and S, each as long as a coordinate.
        if len(signature) != 2 * size:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
        if r == 0 or s == 0:
            return False
        scheme = ec.ECDSA(_HASHES[algorithm[2:]]())
        public.verify(encode_dss_signature(r, s), signed, scheme)
        return True

    return verify


def _okp(jwk: Mapping[str, Any]) -> _Verify:
    public = ed25519.Ed25519PublicKey.from_public_bytes(octets(jwk, "x"))

    def verify(algorithm: str, signed: bytes, signature: bytes) -> bool:
        del algorithm  # two names of one
        public.verify(signature, signed)
        return True

    return verify


_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], _Verify]] = {
    "RSA": _rsa,
    "EC": _ec,
    "OKP": _okp,
}


def keys_of(jwks: object, allowed: Iterable[str]) -> tuple[Key, ...]:
    """Return the usable keys of a JWK Set; others are ignored (RFC 7517 section 5).

    Raises `UnusableKeyError` where `jwks` is no JWK Set, or holds more keys than a set should.
    """
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(entries, list):
        raise UnusableKeyError("the JWK Set has no list of keys")
    if len(entries) > _MAX_KEYS:
        raise UnusableKeyError(f"the JWK Set has more than {_MAX_KEYS} keys")
    known = tuple(name for name in allowed if name in ALGORITHMS)
    found = []
    for entry in entries:
        try:
            found.append(key(entry, known))
        except UnusableKeyError:
            continue
    return tuple(found)
