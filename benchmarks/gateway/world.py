"""The one world that every gateway under test governs: its calls, bodies, callers and limits.

Same upstream, same paths, same tokens for all; the peers' configurations are filled from here.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CONNECTIONS = 32
BASE_PATH = "/bench/orders/v1"
ORDER_PATH = "/orders/ORD-0001"
EXPORT_PATH = "/exports/EXP-0001"
ISSUER, AUDIENCE, KEY_ID = "https://issuer.example.com", "bench", "bench-1"
SCOPE, OTHER_SCOPE = "orders.read", "orders.write"
CALLER, LIMITED_CALLER = "bench", "limited"
# The caller under load must never meet its limit, yet every call must be counted.
QUOTA, WINDOW_SECONDS = 1_000_000, 1
LIMITED_QUOTA, LIMITED_WINDOW_SECONDS = 5, 60
DEPRECATED_AT, SUNSET_AT = 1_767_225_600, 4_102_444_800  # 2026-01-01 and 2100-01-01, epoch seconds
SUNSET_DATE = "Fri, 01 Jan 2100 00:00:00 GMT"
SECRETS = (b"Delivery Lead", b"lead@", b"+44 20 7946 0000", b"4711.25")
_TOKEN_SECONDS = 3600
_LINES, _ORDERS = 6, 110


def order(number: int) -> dict[str, object]:
    """Return one order of about 0.9 kB with four classified values."""
    return {
        "id": f"ORD-{number:04d}",
        "state": "confirmed",
        "currency": "EUR",
        "total": "10250.00",
        "margin": "4711.25",
        "customer": {
            "id": "CUS-0042",
            "name": "Delivery Lead",
            "email": "lead@example.com",
            "phone": "+44 20 7946 0000",
        },
        "lines": [
            {"line": line, "sku": f"SKU-{line:05d}", "text": "Consulting, per day", "quantity": 5,
             "unit_price": "950.00", "vat": 19}
            for line in range(1, _LINES + 1)
        ],
        "note": "Invoice after acceptance.",
    }  # fmt: skip


def small_body() -> bytes:
    """Return the body of one order."""
    return json.dumps(order(1), separators=(",", ":")).encode()


def large_body() -> bytes:
    """Return the body of an export: about 100 kB of orders."""
    items = [order(number) for number in range(_ORDERS)]
    return json.dumps({"items": items}, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Keys:
    """The issuer's key pair, and one that nobody trusts."""

    trusted: rsa.RSAPrivateKey
    stranger: rsa.RSAPrivateKey

    @staticmethod
    def make() -> "Keys":
        """Return two fresh 2048-bit pairs."""
        return Keys(*(rsa.generate_private_key(65537, 2048) for _ in range(2)))

    def jwks(self) -> dict[str, object]:
        """Return the trusted public key as a JWK set (RFC 7517)."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.trusted.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def pem(self) -> str:
        """Return the trusted public key as PEM."""
        return (
            self.trusted.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )


@dataclass(frozen=True)
class Callers:
    """One token per kind of caller."""

    good: str
    without_scope: str
    limited: str
    forged: str

    @staticmethod
    def make(keys: Keys) -> "Callers":
        """Return the four; the forged one is signed by a key that nobody trusts."""
        return Callers(
            good=token(keys.trusted, CALLER, SCOPE, "good"),
            without_scope=token(keys.trusted, CALLER, OTHER_SCOPE, "other"),
            limited=token(keys.trusted, LIMITED_CALLER, SCOPE, "limited"),
            forged=token(keys.stranger, CALLER, SCOPE, "forged"),
        )


def token(key: rsa.RSAPrivateKey, caller: str, scope: str, serial: str) -> str:
    """Return an access token (RFC 9068), RS256."""
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": caller, "client_id": caller, "scope": scope,
        "iat": now, "exp": now + _TOKEN_SECONDS, "jti": serial,
    }  # fmt: skip
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID, "typ": "at+jwt"})


def fresh_tokens(keys: Keys, count: int) -> Iterator[str]:
    """Yield tokens that no gateway has seen."""
    started = time.time_ns()
    for number in range(count):
        yield token(keys.trusted, CALLER, SCOPE, f"{started}-{number}")


def request(path: str, bearer: str) -> bytes:
    """Return one GET as it goes on the wire."""
    head = (
        f"GET {BASE_PATH}{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {bearer}\r\n\r\n"
    )
    return head.encode()
