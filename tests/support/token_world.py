"""Keys, and tokens made of any parts: what a sender could send, honest or not."""

import base64
import json
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from psa_world import NOW

from gateway.tokens import TokenVerifier
from gateway.trust import Trust
from policies.snapshot import ApplicationPlan, IssuerPlan, Snapshot

ISSUER, OTHER_ISSUER = "https://issuer.example.com", "https://other.example.com"
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
SIZES = {"P-256": 32, "P-384": 48, "P-521": 66}
CURVES = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CLAIMS = {
    "iss": ISSUER, "aud": "treaty", "exp": NOW + 300, "iat": NOW - 10,
    "sub": "portal", "client_id": "portal", "jti": "1", "scope": "a b",
}  # fmt: skip


def b64(octets):
    if isinstance(octets, str):
        octets = octets.encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def integer(value, size=None):
    return b64(value.to_bytes(size or max(1, (value.bit_length() + 7) // 8), "big"))


@cache
def private(name):
    """One key per name, made when it is first needed."""
    if name.startswith("P-"):
        return ec.generate_private_key(CURVES[name[:5]]())
    if name.startswith("Ed"):
        return ed25519.Ed25519PrivateKey.generate()
    if name.startswith("weak"):
        return rsa.generate_private_key(65537, 1024)  # too short, as the tests need it
    if name.startswith("k1"):
        return ec.generate_private_key(ec.SECP256K1())
    return rsa.generate_private_key(65537, 2048)


def jwk(name, **members):
    """The public JWK of a private key."""
    public = private(name).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        made = {"kty": "RSA", "n": integer(numbers.n), "e": integer(numbers.e)}
    elif isinstance(public, ec.EllipticCurvePublicKey):
        numbers, crv = public.public_numbers(), name[:5] if name[:2] == "P-" else "secp256k1"
        size = SIZES.get(crv, 32)
        made = {
            "kty": "EC",
            "crv": crv,
            "x": integer(numbers.x, size),
            "y": integer(numbers.y, size),
        }
    else:
        made = {"kty": "OKP", "crv": "Ed25519", "x": b64(public.public_bytes_raw())}
    made |= {"kid": name} | members
    return {key: value for key, value in made.items() if value is not None}


def sign(data, name, algorithm, salt=None):
    """A signature as the algorithm wants it; `salt` bends PSS."""
    key = private(name)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    digest = HASHES[algorithm[2:]]()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
        size = SIZES.get(name[:5], 32)
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    scheme = padding.PKCS1v15()
    if algorithm.startswith("PS"):
        scheme = padding.PSS(padding.MGF1(digest), digest.digest_size if salt is None else salt)
    return key.sign(data, scheme, digest)


def raw(
    header, payload, key="rsa", algorithm="RS256", *, mend=lambda signature: signature, salt=None
):
    """A token of these octets; `mend` bends the signature."""
    signed = f"{b64(header)}.{b64(payload)}"
    return f"{signed}.{b64(mend(sign(signed.encode(), key, algorithm, salt)))}"


def token(key="rsa", algorithm="RS256", header=None, claims=None, **bent):
    """A good token, but for what is changed; None takes a member away."""
    head = {"alg": algorithm, "typ": "at+jwt", "kid": key} | (header or {})
    body = CLAIMS | (claims or {})
    texts = [json.dumps({k: v for k, v in part.items() if v is not None}) for part in (head, body)]
    return raw(*texts, key, algorithm, **bent)


def bare(name):
    """The public JWK without its name, as a proof carries it."""
    return {member: value for member, value in jwk(name).items() if member != "kid"}


def dpop(claims, key="P-256", algorithm="ES256", header=None, **bent):
    """A DPoP proof of these claims; None takes a member away."""
    head = {"typ": "dpop+jwt", "alg": algorithm, "jwk": bare(key)} | (header or {})
    texts = [
        json.dumps({k: v for k, v in part.items() if v is not None}) for part in (head, claims)
    ]
    return raw(*texts, key, algorithm, **bent)


@cache
def issuers():
    """Two issuers: one with keys of every kind, one with a single key."""
    keys = [
        jwk("rsa"), jwk("rsa-alg", alg="RS256", use="sig"), jwk("rsa-ps", alg="PS256"),
        jwk("rsa-ops", key_ops=["verify"]), jwk("rsa-sign", key_ops=["sign"]),
        jwk("rsa-enc", use="enc"), jwk("rsa-nokid", kid=None, alg="RS384"), jwk("weak"),
        jwk("P-256"), jwk("P-384"), jwk("P-521"), jwk("Ed"), jwk("Ed-old", alg="EdDSA"),
        jwk("P-256-alg", alg="ES256"), jwk("P-256-one", kid="twins"), jwk("P-256-two", kid="twins"),
        jwk("rsa-twin", kid="twins"), jwk("k1"), jwk("P-256-cross", crv="P-384"),
        {"kty": "oct", "kid": "oct", "k": b64("k" * 64)},
        jwk("rsa-e1") | {"e": "AQ", "kid": "rsa-e1"}, jwk("rsa-even") | {"e": "AQAA", "kid": "rsa-even"},
    ]  # fmt: skip
    facts = {"audience": "treaty", "algorithms": ALGORITHMS}
    return (
        IssuerPlan(name="treaty", issuer=ISSUER, jwks={"keys": keys}, **facts),
        IssuerPlan(name="other", issuer=OTHER_ISSUER, jwks={"keys": [jwk("P-256-other")]}, **facts),
    )


def snapshot(plans=None):
    return Snapshot(
        environment="demo",
        applications=(ApplicationPlan(id="portal", name="Portal", team="clients"),),
        issuers=issuers() if plans is None else plans,
    )


def verifier(plans=None, now=lambda: NOW, trust=None):
    return TokenVerifier(snapshot(plans), trust or Trust(now, None), now)


def verify(text, skew=60, now=NOW, **more):
    return verifier(now=lambda: now).verify(text, skew, **more)
