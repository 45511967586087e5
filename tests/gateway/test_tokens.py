"""Token vectors: what is accepted, and what a sender might try."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from psa_world import NOW

from gateway.tokens import TokenVerifier
from policies.exchange import Identity, Rejected
from policies.snapshot import ApplicationPlan, IssuerPlan, Snapshot

EC, OTHER, ED = (
    ec.generate_private_key(ec.SECP256R1()),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)


def jwk(key, algorithm, kid):
    maker = jwt.algorithms.ECAlgorithm if algorithm == "ES256" else jwt.algorithms.OKPAlgorithm
    return maker.to_jwk(key.public_key(), as_dict=True) | {
        "kid": kid,
        "alg": algorithm,
        "use": "sig",
    }


SNAPSHOT = Snapshot(
    environment="demo",
    applications=(ApplicationPlan(id="portal", name="Portal", team="clients"),),
    issuers=(
        IssuerPlan(
            name="treaty", issuer="https://issuer.example.com", audience="treaty",
            algorithms=("ES256", "EdDSA"),
            jwks={"keys": [jwk(EC, "ES256", "k1"), jwk(ED, "EdDSA", "k2")]},
        ),
    ),
)  # fmt: skip
CLAIMS = {
    "iss": "https://issuer.example.com", "aud": "treaty", "exp": NOW + 300, "iat": NOW - 10,
    "sub": "portal", "client_id": "portal", "jti": "1", "scope": "a b",
}  # fmt: skip


def token(key=EC, algorithm="ES256", header=None, **changes):
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    head = {"typ": "at+jwt", "kid": "k1"} | (header or {})
    return jwt.encode(claims, key, algorithm, headers=head)


def verify(text, skew=60, now=NOW):
    return TokenVerifier(SNAPSHOT, lambda: now).verify(text, skew)


GOOD = {
    "plain": {},
    "long type": {"header": {"typ": "application/AT+jwt"}},
    "EdDSA": {"key": ED, "algorithm": "EdDSA", "header": {"kid": "k2"}},
    "several audiences": {"aud": ["x", "treaty"]},
    "just expired, within the skew": {"exp": NOW - 59},
    "no scope": {"scope": None},
}
BAD = {
    "expired": {"exp": NOW - 60},
    "issued in the future": {"iat": NOW + 61},
    "not before": {"nbf": NOW + 61},
    "other audience": {"aud": "other"},
    "other issuer": {"iss": "https://evil.example.com"},
    "wrong key": {"key": OTHER},
    "unknown kid": {"header": {"kid": "k9"}},
    "kid of another algorithm": {"header": {"kid": "k2"}},
    "plain JWT": {"header": {"typ": "JWT"}},
    "no type": {"header": {"typ": None}},
    "crit": {"header": {"crit": ["exp"]}},
    "b64": {"header": {"b64": False}},
    "unknown client": {"client_id": "stranger"},
    "client is a list": {"client_id": ["portal"]},
    "scope is a list": {"scope": ["a"]},
    "expiry is true": {"exp": True},
    "expiry is text": {"exp": "soon"},
    "expiry is infinite": {"exp": float("inf")},
    "HMAC with the public key": {"key": "k" * 64, "algorithm": "HS256"},
    **{f"without {name}": {name: None} for name in CLAIMS if name != "scope"},
    "too long": {"padding": "x" * 13000},
}


@pytest.mark.parametrize("case", GOOD.values(), ids=GOOD)
def test_accepted(case):
    identity = verify(token(**case))
    assert isinstance(identity, Identity), identity
    assert identity.application == "portal"
    assert identity.scopes == (frozenset() if "scope" in case else {"a", "b"})


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_refused(case):
    assert isinstance(verify(token(**case)), Rejected)


def test_none_is_no_algorithm():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    for algorithm in ("none", "None", "NONE"):
        text = f"{part({'alg': algorithm, 'typ': 'at+jwt', 'kid': 'k1'})}.{part(CLAIMS)}."
        assert isinstance(verify(text), Rejected)


@given(st.text() | st.from_regex(r"\A[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*\Z"))
def test_garbage_is_a_sentence(text):
    assert isinstance(verify(text), Rejected)


def test_cache_never_outlives_the_token():
    clock = [NOW]
    verifier = TokenVerifier(SNAPSHOT, lambda: clock[0])
    text = token()
    first = verifier.verify(text, 0)
    assert verifier.verify(text, 0) is first
    clock[0] = NOW + 300
    assert isinstance(verifier.verify(text, 0), Rejected)
    assert isinstance(verifier.verify(text, 60), Identity)
