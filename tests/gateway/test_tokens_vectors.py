"""Vectors of access tokens, made here: how each is made, and whether it may count.

The sections name what decides: 7515 JWS, 7516 JWE, 7517 JWK, 7518 JWA, 7519 JWT, 7797, 8259 JSON,
8725 best practice, 9068 access tokens, 9864 algorithm names, 4648 base64url.
"""

import json

import jwt
import pytest
from psa_world import NOW
from token_world import CLAIMS, ISSUER, OTHER_ISSUER, b64, jwk, private, raw, sign, token, verify

from policies.exchange import Identity, Rejected

HEADER = {"alg": "RS256", "typ": "at+jwt", "kid": "rsa"}
HEAD, BODY = json.dumps(HEADER), json.dumps(CLAIMS)
GOOD_PARTS = token().split(".")


def parts(*changed):
    """The parts of a good token, some exchanged; None keeps one."""
    given = [new if new is not None else old for new, old in zip(changed, GOOD_PARTS, strict=True)]
    return ".".join(given)


def body(text):
    return raw(HEAD, text)


def head(text, key="rsa", algorithm="RS256"):
    return raw(text, BODY, key, algorithm)


def without(name):
    return token(claims={name: None})


def claim(**claims):
    return token(claims=claims)


def written(name, text):
    """A claim as this JSON text, whatever it is."""
    members = {k: json.dumps(v) for k, v in CLAIMS.items()} | {name: text}
    return body("{" + ",".join(f'"{k}":{v}' for k, v in members.items()) + "}")


def unsecured(name):
    return f"{b64(json.dumps(HEADER | {'alg': name}))}.{b64(BODY)}."


def as_hmac(name, digest):
    """Signed with the public key's bytes as a shared secret: the classic confusion."""
    import hmac

    signed = f"{b64(json.dumps(HEADER | {'alg': name}))}.{b64(BODY)}"
    secret = jwk("rsa")["n"].encode()
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), digest))}"


def spare_bits(text):
    """The same octets in another spelling: bits that no octet uses are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]


def der(signature):
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    size = len(signature) // 2
    return encode_dss_signature(
        *(int.from_bytes(h, "big") for h in (signature[:size], signature[size:]))
    )


def e_is_one():
    """With e = 1 the padded digest is its own signature: anybody could forge."""
    import hashlib

    signed = f"{b64(json.dumps(HEADER | {'kid': 'rsa-e1'}))}.{b64(BODY)}"
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    info = prefix + hashlib.sha256(signed.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (256 - len(info) - 3) + b"\x00" + info
    return f"{signed}.{b64(padded)}"


GOOD = {
    # algorithms and keys
    **{f"{name} by an RSA key: 7518 3.3, 3.5": lambda n=name: token("rsa", n)
       for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")},
    "ES256: 7518 3.4": lambda: token("P-256", "ES256"),
    "ES384: 7518 3.4": lambda: token("P-384", "ES384"),
    "ES512: 7518 3.4": lambda: token("P-521", "ES512"),
    "EdDSA: 8037 3.1": lambda: token("Ed", "EdDSA"),
    "Ed25519: 9864 2.2": lambda: token("Ed", "Ed25519"),
    "EdDSA by a key of that alg: 7517 4.4": lambda: token("Ed-old", "EdDSA"),
    "RS256 by a key of that alg: 7517 4.4": lambda: token("rsa-alg", "RS256"),
    "PS256 by a key of that alg: 7517 4.4": lambda: token("rsa-ps", "PS256"),
    "a key for verifying: 7517 4.3": lambda: token("rsa-ops", "RS256"),
    "the first of two keys of one kid: 7517 4.5": lambda: token("P-256-one", "ES256", {"kid": "twins"}),
    "the second of two keys of one kid: 7517 4.5": lambda: token("P-256-two", "ES256", {"kid": "twins"}),
    "another type under one kid: 7517 4.5": lambda: token("rsa-twin", "RS512", {"kid": "twins"}),
    "no kid, one key fits: 7515 4.1.4": lambda: token("P-384", "ES384", {"kid": None}),
    "the other issuer's key: 7519 4.1.1": lambda: token("P-256-other", "ES256", claims={"iss": OTHER_ISSUER}),
    # header
    "typ in capitals: 7515 4.1.9": lambda: token(header={"typ": "AT+JWT"}),
    "typ as a media type: 7515 4.1.9": lambda: token(header={"typ": "application/at+jwt"}),
    "typ as a media type in capitals: 7515 4.1.9": lambda: token(header={"typ": "Application/At+Jwt"}),
    "unknown header parameters: 7515 4": lambda: token(header={"x-note": {"a": [1]}}),
    "x5t of a certificate: 7515 4.1.7": lambda: token(header={"x5t": "AAAA", "x5t#S256": "BBBB"}),
    "a jku that nobody follows: 8725 3.10": lambda: token(header={"jku": "https://evil.example.com/k"}),
    "a jwk that nobody trusts: 8725 3.10": lambda: token(header={"jwk": jwk("P-256-evil")}),
    "an x5u that nobody follows: 8725 3.10": lambda: token(header={"x5u": "https://evil.example.com/c"}),
    "an x5c that nobody trusts: 8725 3.10": lambda: token(header={"x5c": ["AAAA"]}),
    "cty of something else: 7515 4.1.10": lambda: token(header={"cty": "json"}),
    "iss repeated in the header: 7519 5.3": lambda: token(header={"iss": ISSUER}),
    "spaces in the header: 8259 2": lambda: head(json.dumps(HEADER, indent=2)),
    "escapes in the header: 8259 7": lambda: head(HEAD.replace("RS256", "\\u0052S256")),
    # claims
    "several audiences: 7519 4.1.3": lambda: claim(aud=["x", "treaty"]),
    "one audience in a list: 7519 4.1.3": lambda: claim(aud=["treaty"]),
    "fractions of a second: 7519 2": lambda: claim(exp=NOW + 0.5, iat=NOW - 0.25),
    "an exponent in a time: 8259 6": lambda: written("exp", "1.9e9"),
    "not before now: 7519 4.1.5": lambda: claim(nbf=NOW),
    "not before, within the skew: 7519 4.1.5": lambda: claim(nbf=NOW + 60),
    "issued ahead, within the skew: 7519 4.1.6": lambda: claim(iat=NOW + 60),
    "expired within the skew: 7519 4.1.4": lambda: claim(exp=NOW - 59),
    "no scope: 9068 2.2.3": lambda: without("scope"),
    "an empty scope: 9068 2.2.3": lambda: claim(scope=""),
    "unknown claims: 7519 4.3": lambda: claim(region="eu", deep={"a": [{"b": None}]}),
    "letters of the world: 8259 8.1": lambda: claim(sub="Zoë Ørsted 𝄞"),
    "escaped surrogate pair: 8259 7": lambda: written("sub", '"\\ud834\\udd1e"'),
    "spaces in the payload: 8259 2": lambda: body(json.dumps(CLAIMS, indent=3)),
    "roles and groups: 9068 2.2.3.1": lambda: claim(roles=["a"], groups=["b"], entitlements=[]),
    "a large token: 8725 3": lambda: claim(padding="x" * 8000),
}  # fmt: skip

BAD = {
    # unsecured and symmetric
    **{f"alg {name}: 8725 3.2": lambda n=name: unsecured(n) for name in ("none", "None", "NONE", "nOnE", "")},
    "alg none with a signature: 8725 3.2": lambda: token(header={"alg": "none"}),
    "HS256 with the public key: 8725 2.1": lambda: as_hmac("HS256", "sha256"),
    "HS384 with the public key: 8725 2.1": lambda: as_hmac("HS384", "sha384"),
    "HS512 with the public key: 8725 2.1": lambda: as_hmac("HS512", "sha512"),
    "HS256 by a shared key of the set: 8725 2.1": lambda: as_hmac("HS256", "sha256").replace(b64(HEAD), b64(json.dumps(HEADER | {"alg": "HS256", "kid": "oct"}))),
    # algorithm and key
    "alg of another hash: 8725 3.1": lambda: token(header={"alg": "RS512"}),
    "PS256 said, RS256 made: 8725 3.1": lambda: token(header={"alg": "PS256"}),
    "RS256 said, PS256 made: 8725 3.1": lambda: token(algorithm="PS256", header={"alg": "RS256"}),
    "RS256 by a PS256 key: 7517 4.4": lambda: token("rsa-ps", "RS256"),
    "RS512 by an RS256 key: 7517 4.4": lambda: token("rsa-alg", "RS512"),
    "Ed25519 by a key of alg EdDSA: 7517 4.4": lambda: token("Ed-old", "Ed25519"),
    "ES256 on P-384: 7518 3.4": lambda: token("P-384", "ES256"),
    "ES384 on P-256: 7518 3.4": lambda: token("P-256", "ES384"),
    "ES512 on P-256: 7518 3.4": lambda: token("P-256", "ES512"),
    "ES256K: 8725 3.1": lambda: token("k1", "ES256", {"alg": "ES256K"}),
    "ES256 on secp256k1: 7518 3.4": lambda: token("k1", "ES256"),
    "RS256 with the kid of an EC key: 8725 3.1": lambda: token(header={"kid": "P-256"}),
    "ES256 with the kid of an RSA key: 8725 3.1": lambda: token("P-256", "ES256", {"kid": "rsa"}),
    "RS1: 8725 3.2": lambda: token(header={"alg": "RS1"}),
    "RSA1_5 of JWE: 7518 4.1": lambda: token(header={"alg": "RSA1_5"}),
    "alg in small letters: 7515 4.1.1": lambda: token(header={"alg": "rs256"}),
    "alg with a space: 7515 4.1.1": lambda: token(header={"alg": "RS256 "}),
    "alg as a list: 7515 4.1.1": lambda: token(header={"alg": ["RS256"]}),
    "alg as null: 7515 4.1.1": lambda: head(HEAD.replace('"RS256"', "null")),
    "alg as a number: 7515 4.1.1": lambda: token(header={"alg": 256}),
    "no alg: 7515 4.1.1": lambda: token(header={"alg": None}),
    "an RSA key of 1024 bits: 7518 3.3": lambda: token("weak", "RS256"),
    "an RSA key with e = 1: 8017 3.1": e_is_one,
    "an RSA key with an even e: 8017 3.1": lambda: token("rsa-even", "RS256"),
    "a key for encryption: 7517 4.2": lambda: token("rsa-enc", "RS256"),
    "a key for signing only: 7517 4.3": lambda: token("rsa-sign", "RS256"),
    "a point of another curve: 7518 6.2": lambda: token("P-256-cross", "ES384"),
    "an unknown kid: 7515 4.1.4": lambda: token(header={"kid": "nobody"}),
    "an empty kid: 7515 4.1.4": lambda: token(header={"kid": ""}),
    "kid as a number: 7515 4.1.4": lambda: token(header={"kid": 1}),
    "kid as null: 7515 4.1.4": lambda: head(HEAD.replace('"rsa"', "null")),
    "kid as a list: 7515 4.1.4": lambda: token(header={"kid": ["rsa"]}),
    "a kid that looks like a path: 8725 3.10": lambda: token(header={"kid": "../../../dev/null"}),
    "a kid that looks like SQL: 8725 3.10": lambda: token(header={"kid": "' OR 1=1 --"}),
    "kid in other letters: 7515 4.1.4": lambda: token(header={"kid": "RSA"}),
    "no kid, several keys fit: 7515 4.1.4": lambda: token(header={"kid": None}),
    "another key's signature: 7515 5.2": lambda: token("rsa-stranger", header={"kid": "rsa"}),
    "an EC stranger's signature: 7515 5.2": lambda: token("P-256-stranger", "ES256", {"kid": "P-256"}),
    "an Ed25519 stranger's signature: 7515 5.2": lambda: token("Ed-stranger", "EdDSA", {"kid": "Ed"}),
    "issuer A signs for issuer B: 8725 3.8": lambda: token(claims={"iss": OTHER_ISSUER}),
    "issuer B signs for issuer A: 8725 3.8": lambda: token("P-256-other", "ES256"),
    # keys in the header
    "its own jwk: 8725 3.10": lambda: token("P-256-evil", "ES256", {"jwk": jwk("P-256-evil")}),
    "its own jwk under a known kid: 8725 3.10": lambda: token("P-256-evil", "ES256", {"kid": "P-256", "jwk": jwk("P-256-evil")}),
    "its own jwk without kid: 8725 3.10": lambda: token("P-384-evil", "ES384", {"kid": None, "jwk": jwk("P-384-evil")}),
    "its own jku: 8725 3.10": lambda: token("rsa-evil", "RS256", {"kid": "rsa", "jku": "http://127.0.0.1:1/k"}),
    "its own x5u: 8725 3.10": lambda: token("rsa-evil", "RS256", {"kid": "rsa", "x5u": "http://127.0.0.1:1/c"}),
    "its own x5c: 8725 3.10": lambda: token("rsa-evil", "RS256", {"kid": "rsa", "x5c": ["MIIB"]}),
    # extensions
    "crit of an extension: 7515 4.1.11": lambda: token(header={"crit": ["exp"], "exp": NOW + 300}),
    "crit that is empty: 7515 4.1.11": lambda: token(header={"crit": []}),
    "crit of a known parameter: 7515 4.1.11": lambda: token(header={"crit": ["alg"]}),
    "crit that is null: 7515 4.1.11": lambda: head(HEAD.replace("}", ', "crit": null}')),
    "crit with b64: 7797 6": lambda: token(header={"crit": ["b64"], "b64": True}),
    "b64 false: 7797 3": lambda: token(header={"b64": False}),
    "b64 false and critical: 7797 6": lambda: token(header={"b64": False, "crit": ["b64"]}),
    "zip: 8725 3.6": lambda: token(header={"zip": "DEF"}),
    "enc of a JWE: 7516 4.1.2": lambda: token(header={"enc": "A256GCM"}),
    "a nested JWT: 7519 5.2": lambda: token(header={"cty": "JWT"}),
    "a nested JWT by media type: 7519 5.2": lambda: token(header={"cty": "application/jwt"}),
    "another iss in the header: 7519 5.3": lambda: token(header={"iss": OTHER_ISSUER}),
    "another sub in the header: 7519 5.3": lambda: token(header={"sub": "admin"}),
    # type
    "typ JWT, as ID tokens have: 9068 4": lambda: token(header={"typ": "JWT"}),
    "no typ: 9068 4": lambda: token(header={"typ": None}),
    "an empty typ: 9068 4": lambda: token(header={"typ": ""}),
    "typ of a DPoP proof: 8725 3.11": lambda: token(header={"typ": "dpop+jwt"}),
    "typ of a logout token: 8725 3.11": lambda: token(header={"typ": "logout+jwt"}),
    "typ of a security event: 8725 3.11": lambda: token(header={"typ": "secevent+jwt"}),
    "typ of a refresh token: 8725 3.11": lambda: token(header={"typ": "rt+jwt"}),
    "typ with a parameter: 9068 4": lambda: token(header={"typ": "at+jwt; a=b"}),
    "typ with a space: 9068 4": lambda: token(header={"typ": " at+jwt"}),
    "typ of another tree: 9068 4": lambda: token(header={"typ": "text/at+jwt"}),
    "typ as a list: 7515 4.1.9": lambda: token(header={"typ": ["at+jwt"]}),
    "an ID token: 9068 4": lambda: token(header={"typ": "JWT"}, claims={"nonce": "n", "client_id": None, "azp": "portal"}),
    # header as JSON
    "alg twice: 7515 4": lambda: head(HEAD.replace("{", '{"alg": "none", ', 1)),
    "kid twice: 7515 4": lambda: head(HEAD.replace("{", '{"kid": "rsa", ', 1)),
    "an escaped name twice: 7515 4": lambda: head(HEAD.replace("{", '{"\\u0061lg": "RS256", ', 1)),
    "a name twice further down: 7515 4": lambda: head(HEAD.replace("}", ', "x": {"a": 1, "a": 2}}')),
    "header is a list: 7515 3": lambda: head("[]"),
    "header is a text: 7515 3": lambda: head('"RS256"'),
    "header is null: 7515 3": lambda: head("null"),
    "header is empty: 7515 3": lambda: parts("", None, None),
    "header is no JSON: 7515 3": lambda: head("alg: RS256"),
    "header with a comma too many: 8259 4": lambda: head(HEAD.replace("}", ",}")),
    "header with a comment: 8259 2": lambda: head(HEAD.replace("{", "{/* */", 1)),
    "header with a rest: 8259 2": lambda: head(HEAD + "{}"),
    "header with a byte order mark: 8259 8.1": lambda: head(b"\xef\xbb\xbf" + HEAD.encode()),
    "header in UTF-16: 8259 8.1": lambda: head(HEAD.encode("utf-16")),
    "header in Latin-1: 8259 8.1": lambda: head(HEAD.replace("}", ', "x": "é"}').encode("latin-1")),
    "header with NaN: 8259 6": lambda: head(HEAD.replace("}", ', "x": NaN}')),
    "header with a lone surrogate: 8259 8.2": lambda: head(HEAD.replace("}", ', "x": "\\ud800"}')),
    "header with a control character: 8259 7": lambda: head(HEAD.replace("}", ', "x": "a\nb"}')),
    "header nested without end: 8259 9": lambda: head('{"a":' * 2000 + "1" + "}" * 2000),
    # payload as JSON
    "a claim twice: 7519 4": lambda: body(BODY.replace("{", '{"sub": "admin", ', 1)),
    "exp twice: 7519 4": lambda: body(BODY.replace("{", '{"exp": 9999999999, ', 1)),
    "an escaped claim twice: 7519 4": lambda: body(BODY.replace("{", '{"s\\u0075b": "x", ', 1)),
    "payload is a list: 7519 7.2": lambda: body(f"[{BODY}]"),
    "payload is a text: 7519 7.2": lambda: body('"a"'),
    "payload is a number: 7519 7.2": lambda: body("1"),
    "payload is null: 7519 7.2": lambda: body("null"),
    "payload is empty: 7519 7.2": lambda: body(""),
    "payload is an empty object: 9068 2.2": lambda: body("{}"),
    "payload is no JSON: 7519 7.2": lambda: body("sub=portal"),
    "payload is another token: 7519 5.2": lambda: body(token()),
    "payload with a rest: 8259 2": lambda: body(BODY + "x"),
    "payload with a byte order mark: 8259 8.1": lambda: body(b"\xef\xbb\xbf" + BODY.encode()),
    "payload in UTF-16: 8259 8.1": lambda: body(BODY.encode("utf-16-le")),
    "payload with an overlong octet: 3629 3": lambda: body(BODY.encode().replace(b"portal", b"p\xc0\xafl")),
    "payload with a surrogate in UTF-8: 3629 3": lambda: body(BODY.encode().replace(b"portal", b"\xed\xa0\x80")),
    "payload with a lone surrogate: 8259 8.2": lambda: written("note", '"\\ud800"'),
    "payload with single quotes: 8259 7": lambda: body(BODY.replace('"', "'")),
    "payload with NaN: 8259 6": lambda: written("note", "NaN"),
    "payload with Infinity: 8259 6": lambda: written("note", "-Infinity"),
    "payload nested without end: 8259 9": lambda: written("a", "[" * 4000 + "]" * 4000),
    # times
    "expired: 7519 4.1.4": lambda: claim(exp=NOW - 60),
    "expired by a fraction: 7519 4.1.4": lambda: claim(exp=NOW - 60.001),
    "expired long ago: 7519 4.1.4": lambda: claim(exp=1),
    "exp of zero: 7519 4.1.4": lambda: claim(exp=0),
    "exp below zero: 7519 4.1.4": lambda: claim(exp=-1),
    "exp as a text: 7519 2": lambda: claim(exp=str(int(NOW + 300))),
    "exp as a date: 7519 2": lambda: claim(exp="2030-01-01T00:00:00Z"),
    "exp as true: 7519 2": lambda: claim(exp=True),
    "exp as null: 7519 2": lambda: written("exp", "null"),
    "exp as a list: 7519 2": lambda: claim(exp=[NOW + 300]),
    "exp as NaN: 7519 2": lambda: claim(exp=float("nan")),
    "exp as infinity: 7519 2": lambda: claim(exp=float("inf")),
    "exp beyond a double: 7519 2": lambda: written("exp", "1e999"),
    "exp of four hundred digits: 7519 2": lambda: written("exp", "9" * 400),
    "exp of five thousand digits: 7519 2": lambda: written("exp", "9" * 5000),
    "exp with a leading zero: 8259 6": lambda: written("exp", "01900000000"),
    "exp in hexadecimal: 8259 6": lambda: written("exp", "0x7fffffff"),
    "nbf ahead: 7519 4.1.5": lambda: claim(nbf=NOW + 61),
    "nbf as a text: 7519 2": lambda: claim(nbf="1"),
    "nbf as null: 7519 2": lambda: written("nbf", "null"),
    "nbf as true: 7519 2": lambda: claim(nbf=True),
    "iat ahead: 7519 4.1.6": lambda: claim(iat=NOW + 61),
    "iat as a text: 7519 2": lambda: claim(iat="1"),
    "iat as false: 7519 2": lambda: claim(iat=False),
    # whom it is for
    "another audience: 7519 4.1.3": lambda: claim(aud="other"),
    "other audiences: 7519 4.1.3": lambda: claim(aud=["a", "b"]),
    "an audience that begins like ours: 7519 4.1.3": lambda: claim(aud="treaty2"),
    "our audience in other letters: 7519 4.1.3": lambda: claim(aud="Treaty"),
    "our audience with a slash: 7519 4.1.3": lambda: claim(aud="treaty/"),
    "no audience in a list: 7519 4.1.3": lambda: claim(aud=[]),
    "an empty audience: 7519 4.1.3": lambda: claim(aud=""),
    "a number among audiences: 7519 4.1.3": lambda: claim(aud=["treaty", 1]),
    "a list within audiences: 7519 4.1.3": lambda: claim(aud=[["treaty"]]),
    "audience as an object: 7519 4.1.3": lambda: claim(aud={"treaty": True}),
    "audience as null: 7519 4.1.3": lambda: written("aud", "null"),
    "audiences in one text: 7519 4.1.3": lambda: claim(aud="treaty other"),
    "another issuer: 7519 4.1.1": lambda: claim(iss="https://evil.example.com"),
    "our issuer with a slash: 9068 4": lambda: claim(iss=ISSUER + "/"),
    "our issuer in other letters: 9068 4": lambda: claim(iss=ISSUER.upper()),
    "issuer as a list: 7519 4.1.1": lambda: claim(iss=[ISSUER]),
    "issuer as null: 7519 4.1.1": lambda: written("iss", "null"),
    "issuer with a fragment: 9068 4": lambda: claim(iss=ISSUER + "#a"),
    # who calls
    **{f"no {name}: 9068 2.2": lambda n=name: without(n)
       for name in ("iss", "aud", "exp", "iat", "sub", "client_id", "jti")},
    "sub as a number: 7519 4.1.2": lambda: claim(sub=7),
    "sub as null: 7519 4.1.2": lambda: written("sub", "null"),
    "an empty sub: 9068 2.2": lambda: claim(sub=""),
    "jti as a number: 7519 4.1.7": lambda: claim(jti=1),
    "jti as a list: 7519 4.1.7": lambda: claim(jti=["1"]),
    "client_id as a list: 9068 2.2": lambda: claim(client_id=["portal"]),
    "an unknown client: 9068 4": lambda: claim(client_id="stranger"),
    "a client in other letters: 9068 4": lambda: claim(client_id="Portal"),
    "scope as a list: 9068 2.2.3": lambda: claim(scope=["a"]),
    "scope as null: 9068 2.2.3": lambda: written("scope", "null"),
    "scope with a tab: 6749 3.3": lambda: claim(scope="a\tb"),
    "scope with a quote: 6749 3.3": lambda: claim(scope='a"b'),
    "scope in other letters: 6749 3.3": lambda: claim(scope="ä"),
    "bound to nothing known: 7800 3.1": lambda: claim(cnf={"kid": "x"}),
    "bound to a text: 7800 3.1": lambda: claim(cnf="x"),
    "bound to nothing: 7800 3.1": lambda: claim(cnf={}),
    "bound to a key that is a number: 9449 6.1": lambda: claim(cnf={"jkt": 1}),
    # text of the token
    "no text: 7515 7.1": lambda: "",
    "one part: 7515 7.1": lambda: GOOD_PARTS[0],
    "two parts: 7515 7.1": lambda: ".".join(GOOD_PARTS[:2]),
    "four parts: 7515 7.1": lambda: token() + ".",
    "five parts, as a JWE has: 7516 7.1": lambda: token() + ".a.b",
    "dots only: 7515 7.1": lambda: "..",
    "no payload: 7515 7.1": lambda: parts(None, "", None),
    "no signature: 7515 7.1": lambda: parts(None, None, ""),
    "a dot in front: 7515 7.1": lambda: "." + token(),
    "a space in front: 7515 7.1": lambda: " " + token(),
    "a space behind: 7515 7.1": lambda: token() + " ",
    "a line end behind: 7515 7.1": lambda: token() + "\n",
    "a line end within: 7515 2": lambda: parts(None, GOOD_PARTS[1][:9] + "\n" + GOOD_PARTS[1][9:], None),
    "NUL behind: 7515 7.1": lambda: token() + "\x00",
    "padding of the header: 7515 2": lambda: raw(HEAD + " " * (-len(HEAD) % 3 + 1), BODY).replace(".", "==.", 1),
    "padding of the signature: 7515 2": lambda: token() + "==",
    "a plus in the signature: 4648 5": lambda: parts(None, None, "+" + GOOD_PARTS[2][1:]),
    "a slash in the signature: 4648 5": lambda: parts(None, None, "/" + GOOD_PARTS[2][1:]),
    "spare bits in the signature: 4648 3.5": lambda: parts(None, None, spare_bits(GOOD_PARTS[2])),
    "a character that is too few: 4648 4": lambda: parts(None, None, GOOD_PARTS[2] + "AAA"),
    "letters beyond ASCII: 7515 2": lambda: parts(None, None, "ä" + GOOD_PARTS[2][1:]),
    "full-width digits: 7515 2": lambda: parts(None, None, "\uff11" + GOOD_PARTS[2][1:]),
    "the JSON serialization: 7515 7.2": lambda: json.dumps({"payload": GOOD_PARTS[1], "protected": GOOD_PARTS[0], "signature": GOOD_PARTS[2]}),
    "too long: 8725 3": lambda: claim(padding="x" * 13_000),
    "far too long: 8725 3": lambda: "a" * 1_000_000,
    "a million dots: 8725 3": lambda: "." * 1_000_000,
    # signature
    "one bit of the signature: 7515 5.2": lambda: token(mend=lambda s: bytes([s[0] ^ 1]) + s[1:]),
    "a zero before the signature: 8017 8.2.2": lambda: token(mend=lambda s: b"\x00" + s),
    "a zero behind the signature: 8017 8.2.2": lambda: token(mend=lambda s: s + b"\x00"),
    "a shorter signature: 8017 8.2.2": lambda: token(mend=lambda s: s[:-1]),
    "a signature of zeros: 8017 8.2.2": lambda: token(mend=lambda s: bytes(len(s))),
    "a signature of ones: 8017 8.2.2": lambda: token(mend=lambda s: b"\xff" * len(s)),
    "another claim under the signature: 7515 5.2": lambda: parts(None, b64(json.dumps(CLAIMS | {"sub": "admin"})), None),
    "another header over the signature: 7515 5.2": lambda: parts(b64(json.dumps(HEADER | {"x": 1})), None, None),
    "signature and payload changed places: 7515 7.1": lambda: ".".join((GOOD_PARTS[0], GOOD_PARTS[2], GOOD_PARTS[1])),
    "PS256 with a short salt: 7518 3.5": lambda: token(algorithm="PS256", salt=20),
    "PS256 without salt: 7518 3.5": lambda: token(algorithm="PS256", salt=0),
    "PS256 with a long salt: 7518 3.5": lambda: token(algorithm="PS256", salt=64),
    "PS512 with the salt of PS256: 7518 3.5": lambda: token(algorithm="PS512", salt=32),
    "ES256 in DER: 7518 3.4": lambda: token("P-256", "ES256", mend=der),
    "ES256 of zeros: 7518 3.4": lambda: token("P-256", "ES256", mend=lambda s: bytes(64)),
    "ES384 of zeros: 7518 3.4": lambda: token("P-384", "ES384", mend=lambda s: bytes(96)),
    "ES256 with r = 0: 7518 3.4": lambda: token("P-256", "ES256", mend=lambda s: bytes(32) + s[32:]),
    "ES256 with s = 0: 7518 3.4": lambda: token("P-256", "ES256", mend=lambda s: s[:32] + bytes(32)),
    "ES256 with r of ones: 7518 3.4": lambda: token("P-256", "ES256", mend=lambda s: b"\xff" * 32 + s[32:]),
    "ES256 with halves exchanged: 7518 3.4": lambda: token("P-256", "ES256", mend=lambda s: s[32:] + s[:32]),
    "ES256 with a longer half: 7518 3.4": lambda: token("P-256", "ES256", mend=lambda s: b"\x00" + s[:32] + b"\x00" + s[32:]),
    "ES256 cut off: 7518 3.4": lambda: token("P-256", "ES256", mend=lambda s: s[:63]),
    "ES512 of 128 octets: 7518 3.4": lambda: token("P-521", "ES512", mend=lambda s: s[2:66] + s[68:]),
    "EdDSA of zeros: 8037 3.1": lambda: token("Ed", "EdDSA", mend=lambda s: bytes(64)),
    "EdDSA of 63 octets: 8037 3.1": lambda: token("Ed", "EdDSA", mend=lambda s: s[:63]),
    "EdDSA of 65 octets: 8037 3.1": lambda: token("Ed", "EdDSA", mend=lambda s: s + b"\x00"),
    "EdDSA with s beyond the order: 8032 5.1.7": lambda: token("Ed", "EdDSA", mend=lambda s: s[:63] + bytes([s[63] | 0xF0])),
}  # fmt: skip


def test_there_are_enough():
    assert len(GOOD) >= 40
    assert len(BAD) >= 150


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_accepted(make):
    caller = verify(make())
    assert isinstance(caller, Identity), caller
    assert caller.application == "portal"
    assert caller.scopes in ({"a", "b"}, frozenset())


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_refused(make):
    text = make()
    verdict = verify(text)
    assert isinstance(verdict, Rejected), verdict
    assert verdict.error == "invalid_token"
    # No sentence repeats what came in, and each fits a quoted header value.
    assert not set(verdict.sentence) & set('"\\\r\n')
    assert verdict.sentence.isascii()
    assert "admin" not in verdict.sentence


# PyJWT does not know the name of RFC 9864 yet.
KNOWN = {name: make for name, make in GOOD.items() if "9864" not in name}


@pytest.mark.parametrize("make", KNOWN.values(), ids=KNOWN)
def test_another_reader_agrees(make):
    """What counts here has a good signature, audience and shape for PyJWT too."""
    text = make()
    header = jwt.get_unverified_header(text)
    name = header.get("kid", "P-384")
    names = ["P-256-one", "P-256-two", "rsa-twin"] if name == "twins" else [name]
    keys = [
        jwt.PyJWK(jwk(each, alg=header["alg"]))
        for each in names
        if header["alg"][:2] in FIT[each[:2]]
    ]
    assert any(read_by_other(text, key, header["alg"]) for key in keys)


FIT = {"rs": ("RS", "PS"), "P-": ("ES",), "Ed": ("Ed",)}


def read_by_other(text, key, algorithm):
    options = {
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "require": ["exp", "jti"],
    }
    try:
        return jwt.decode(text, key, algorithms=[algorithm], audience="treaty", options=options)
    except jwt.InvalidSignatureError:
        return None


def test_a_refusal_is_for_its_own_reason():
    """Each of these is good but for one thing; the control shows that the rest is."""
    assert isinstance(
        verify(
            f"{b64(HEAD)}.{b64(BODY)}."
            + b64(sign(f"{b64(HEAD)}.{b64(BODY)}".encode(), "rsa", "RS256"))
        ),
        Identity,
    )
    assert private("rsa").key_size == 2048
