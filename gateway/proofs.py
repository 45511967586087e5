"""DPoP proofs (RFC 9449 section 4.3): that the caller holds the key its token is bound to."""

import hashlib
import hmac
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.jose.keys import key, thumbprint
from gateway.replayfiles import ReplayFiles
from gateway.replays import Replays
from policies import base64url, jws
from policies.exchange import Proof, Rejected
from policies.jwk import ALGORITHMS, UnusableKeyError
from policies.tokenclaims import ClaimError, seconds

_MAX_CHARS = 8_192
_TYPE = "dpop+jwt"
_MAX_JTI = 256
_AHEAD_SECONDS = 5.0  # how far a client's clock may run before ours
_NONCE_SECONDS = 120
_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class _WrongError(Exception):
    """Carries the sentence for the caller."""


class Proofs:
    """Checks proofs; what has been seen outlives every runtime, with a folder every process.

    Workers that share secret and folder take each other's nonces and know each other's proofs.
    """

    def __init__(self, secret: bytes, folder: Path | None = None) -> None:
        self._secret = hmac.digest(secret, b"dpop nonce", "sha256")
        seen = Replays()
        self._seen = seen if folder is None else ReplayFiles(folder, seen)

    def check(self, proof: Proof, now: float) -> Rejected | None:
        """Return why the proof does not count; None where it does, this once."""
        try:
            claims = _signed(proof)
            issued = _fitting(claims, proof, now)
            if proof.nonce and claims.get("nonce") not in (
                self.nonce(now),
                self.nonce(now - _NONCE_SECONDS),
            ):
                return Rejected("The proof needs a current nonce.", error="use_dpop_nonce")
            self._once(claims, proof, issued, now)
        except _WrongError as wrong:
            return Rejected(str(wrong), error="invalid_dpop_proof")
        return None

    def nonce(self, now: float) -> str:
        """Return the nonce of this time: unpredictable, and nothing to remember."""
        slot = str(int(now // _NONCE_SECONDS)).encode()
        return base64url.encode(hmac.digest(self._secret, slot, "sha256")[:18])

    def _once(self, claims: dict[str, Any], proof: Proof, issued: float, now: float) -> None:
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI:
            raise _WrongError("The proof has no usable jti.")
        digest = hashlib.blake2b(f"{proof.jkt} {jti}".encode(), digest_size=16).digest()
        if not self._seen.first(digest, issued + proof.window_seconds + 1, now):
            raise _WrongError("The proof has been used before.")


def _signed(proof: Proof) -> dict[str, Any]:
    """Return the claims under a proof of the token's key. Raises `_WrongError`."""
    text = proof.text
    if not text:
        raise _WrongError("Send a proof in the DPoP header.")
    if "," in text:
        raise _WrongError("Send exactly one DPoP header.")
    try:
        if len(text) > _MAX_CHARS:
            raise jws.MalformedError  # noqa: TRY301  # one answer to all that cannot be read
        signed = jws.parse(text)
    except jws.MalformedError:
        raise _WrongError("The proof cannot be read.") from None
    if signed.typ != _TYPE:
        raise _WrongError("The proof is not of the type dpop+jwt.")
    jwk = signed.header.get("jwk")
    try:
        own = key(jwk, ALGORITHMS) if isinstance(jwk, dict) else None
    except UnusableKeyError:
        own = None
    if own is None or not own.verifies(signed.alg, signed.signed, signed.signature):
        raise _WrongError("The proof is not signed by the key that it carries.")
    if thumbprint(jwk or {}) != proof.jkt:
        raise _WrongError("The token is bound to another key.")
    return dict(signed.payload)


def _fitting(claims: dict[str, Any], proof: Proof, now: float) -> float:
    """Return when the proof was made, which must be now. Raises `_WrongError`."""
    if claims.get("htm") != proof.method:
        raise _WrongError("The proof is for another method (htm).")
    htu = claims.get("htu")
    if not isinstance(htu, str) or normal(htu) != normal(proof.url):
        raise _WrongError("The proof is for another address (htu).")
    hashed = base64url.encode(hashlib.sha256(proof.token.encode("ascii", "replace")).digest())
    if claims.get("ath") != hashed:
        raise _WrongError("The proof is for another token (ath).")
    try:
        issued = seconds(claims, "iat")
    except ClaimError:
        raise _WrongError("The iat of the proof is not a time.") from None
    if not now - proof.window_seconds <= issued <= now + _AHEAD_SECONDS:
        raise _WrongError("The proof was not made just now (iat).")
    return issued


def normal(url: str) -> str | None:
    """Return the URL without query and fragment, in the form of RFC 3986 sections 6.2.2 and 6.2.3."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or not url.isascii():
        return None
    named = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    literal = f"[{host}]" if ":" in host else host
    path = _without_dots(_ESCAPE.sub(_unescaped, parts.path)) or "/"
    return f"{parts.scheme}://{literal}{named}{path}"


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
