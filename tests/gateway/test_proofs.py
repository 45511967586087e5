"""Vectors of DPoP proofs (RFC 9449 section 4.3, in its order), and the store of used ones."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psa_world import NOW
from token_world import b64, bare, dpop, jwk, raw

from gateway.jose.keys import thumbprint
from gateway.proofs import Proofs, normal
from gateway.replays import Replays
from policies.exchange import Proof

TOKEN = "the-access-token"
URL = "https://api.example.com/psa/projects/v2/projects/P-1"
ATH = b64(hashlib.sha256(TOKEN.encode()).digest())
CLAIMS = {"jti": "j-1", "htm": "GET", "htu": URL, "iat": NOW, "ath": ATH}


def proof(key="P-256", algorithm="ES256", header=None, claims=None, **bent):
    return dpop(CLAIMS | (claims or {}), key, algorithm, header, **bent)


def check(text, proofs=None, key="P-256", now=NOW, **facts):
    wanted = {
        "text": text, "method": "GET", "url": URL, "token": TOKEN,
        "jkt": thumbprint(jwk(key)), "window_seconds": 60, "nonce": False,
    }  # fmt: skip
    return (proofs or Proofs(b"k" * 32)).check(Proof(**(wanted | facts)), now)


GOOD = {
    "ES256": ("P-256", "ES256", {}),
    "ES384": ("P-384", "ES384", {}),
    "RS256": ("rsa", "RS256", {}),
    "PS256": ("rsa", "PS256", {}),
    "EdDSA": ("Ed", "EdDSA", {}),
    "Ed25519": ("Ed", "Ed25519", {}),
    "typ in capitals": ("P-256", "ES256", {"header": {"typ": "DPoP+JWT"}}),
    "a query in htu": ("P-256", "ES256", {"claims": {"htu": URL + "?a=b#c"}}),
    "host in capitals": ("P-256", "ES256", {"claims": {"htu": URL.replace("api", "API")}}),
    "scheme in capitals": ("P-256", "ES256", {"claims": {"htu": URL.replace("https", "HTTPS")}}),
    "the default port": ("P-256", "ES256", {"claims": {"htu": URL.replace(".com", ".com:443")}}),
    "needless escapes": ("P-256", "ES256", {"claims": {"htu": URL.replace("P-1", "%50%2d1")}}),
    "dots": ("P-256", "ES256", {"claims": {"htu": URL.replace("/v2", "/x/../v2/.")}}),
    "almost too old": ("P-256", "ES256", {"claims": {"iat": NOW - 59.9}}),
    "a clock that is ahead": ("P-256", "ES256", {"claims": {"iat": NOW + 4}}),
    "unknown claims": ("P-256", "ES256", {"claims": {"x": [1]}}),
}
BAD = {
    "no proof: 1": lambda: "",
    "two proofs: 1": lambda: f"{proof()}, {proof()}",
    "one proof and an empty one: 1": lambda: f"{proof()}, ",
    "no JWT: 2": lambda: "proof",
    "a JWE: 2": lambda: proof() + ".a.b",
    "padding: 2": lambda: proof() + "=",
    "far too long: 2": lambda: "a" * 100_000,
    "no jti: 3": lambda: proof(claims={"jti": None}),
    "an empty jti: 3": lambda: proof(claims={"jti": ""}),
    "jti as a number: 3": lambda: proof(claims={"jti": 1}),
    "a jti of a kilobyte: 3": lambda: proof(claims={"jti": "x" * 1000}),
    "no htm: 3": lambda: proof(claims={"htm": None}),
    "no htu: 3": lambda: proof(claims={"htu": None}),
    "no iat: 3": lambda: proof(claims={"iat": None}),
    "typ JWT: 4": lambda: proof(header={"typ": "JWT"}),
    "typ of an access token: 4": lambda: proof(header={"typ": "at+jwt"}),
    "no typ: 4": lambda: proof(header={"typ": None}),
    "alg none: 5": lambda: f"{b64(json.dumps({'typ': 'dpop+jwt', 'alg': 'none', 'jwk': bare('P-256')}))}.{b64(json.dumps(CLAIMS))}.",
    "alg none with a signature: 5": lambda: proof(header={"alg": "none"}),
    "alg HS256: 5": lambda: proof(header={"alg": "HS256"}),
    "alg of another curve: 5": lambda: proof(header={"alg": "ES384"}),
    "no alg: 5": lambda: proof(header={"alg": None}),
    "a short RSA key: 5": lambda: proof("weak", "RS256"),
    "another key's signature: 6": lambda: proof("P-256-evil", header={"jwk": bare("P-256")}),
    "no jwk: 6": lambda: proof(header={"jwk": None}),
    "jwk as a text: 6": lambda: proof(header={"jwk": json.dumps(bare("P-256"))}),
    "jwk with numbers as members: 6": lambda: proof(header={"jwk": bare("P-256") | {"x": 1}}),
    "jwk off the curve: 6": lambda: proof(header={"jwk": bare("P-256") | {"y": bare("P-256")["x"]}}),
    "a kid in place of the jwk: 6": lambda: proof(header={"jwk": None, "kid": "P-256"}),
    "a signature in DER: 6": lambda: proof(mend=lambda s: b"\x30\x44" + s),
    "crit: 6": lambda: proof(header={"crit": ["x"], "x": 1}),
    "jwk with its private part: 7": lambda: proof(header={"jwk": bare("P-256") | {"d": "AQ"}}),
    "jwk as a shared secret: 7": lambda: proof(header={"jwk": {"kty": "oct", "k": "AQ"}}),
    "jwk for encryption: 7": lambda: proof(header={"jwk": bare("P-256") | {"use": "enc"}}),
    "another method: 8": lambda: proof(claims={"htm": "POST"}),
    "the method in small letters: 8": lambda: proof(claims={"htm": "get"}),
    "methods in a list: 8": lambda: proof(claims={"htm": ["GET"]}),
    "another path: 9": lambda: proof(claims={"htu": URL + "/x"}),
    "a slash more: 9": lambda: proof(claims={"htu": URL + "/"}),
    "path in other letters: 9": lambda: proof(claims={"htu": URL.replace("P-1", "p-1")}),
    "another host: 9": lambda: proof(claims={"htu": URL.replace("api", "evil")}),
    "another port: 9": lambda: proof(claims={"htu": URL.replace(".com", ".com:8443")}),
    "another scheme: 9": lambda: proof(claims={"htu": URL.replace("https", "http")}),
    "a user in the address: 9": lambda: proof(claims={"htu": URL.replace("api", "a@api")}),
    "a reserved character escaped: 9": lambda: proof(claims={"htu": URL.replace("/P-1", "%2FP-1")}),
    "a path alone: 9": lambda: proof(claims={"htu": "/psa/projects/v2/projects/P-1"}),
    "htu as a list: 9": lambda: proof(claims={"htu": [URL]}),
    "a broken port: 9": lambda: proof(claims={"htu": URL.replace(".com", ".com:a")}),
    "too old: 11": lambda: proof(claims={"iat": NOW - 60.1}),
    "of the future: 11": lambda: proof(claims={"iat": NOW + 6}),
    "iat as a text: 11": lambda: proof(claims={"iat": str(NOW)}),
    "iat as true: 11": lambda: proof(claims={"iat": True}),
    "another token's ath: 12": lambda: proof(claims={"ath": b64(hashlib.sha256(b"x").digest())}),
    "no ath: 12": lambda: proof(claims={"ath": None}),
    "ath with padding: 12": lambda: proof(claims={"ath": ATH + "="}),
    "ath in hexadecimal: 12": lambda: proof(claims={"ath": hashlib.sha256(TOKEN.encode()).hexdigest()}),
    "another key than the token's: 12": lambda: proof("P-256-evil"),
    "a claim twice": lambda: raw(json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": bare("P-256")}), json.dumps(CLAIMS).replace("{", '{"htm": "POST", '), "P-256", "ES256"),
}  # fmt: skip


@pytest.mark.parametrize(("key", "algorithm", "bent"), GOOD.values(), ids=GOOD)
def test_accepted(key, algorithm, bent):
    assert check(proof(key, algorithm, **bent), key=key) is None


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_refused(make):
    proofs = Proofs(b"k" * 32)
    wrong = check(make(), proofs)
    assert wrong is not None
    assert wrong.error == "invalid_dpop_proof"
    assert not set(wrong.sentence) & set('"\\\r\n')
    # What was refused has not used up its jti.
    assert check(proof(), proofs) is None


@pytest.mark.parametrize("jkt", ["\u00e4", "x", thumbprint(jwk("P-256")) + "="], ids="abc")
def test_a_token_of_another_key(jkt):
    assert "another key" in check(proof(), jkt=jkt).sentence


def test_a_proof_counts_once():
    proofs = Proofs(b"k" * 32)
    assert check(proof(), proofs) is None
    assert "before" in check(proof(), proofs).sentence
    assert "before" in check(proof(claims={"iat": NOW + 1}), proofs, now=NOW + 1).sentence
    assert check(proof(claims={"jti": "j-2"}), proofs) is None
    # The same jti by another key is another proof.
    assert check(proof("P-384", "ES384"), proofs, key="P-384") is None


def test_a_used_proof_is_remembered_as_long_as_it_could_count():
    proofs, text = Proofs(b"k" * 32), proof(claims={"iat": NOW + 5})
    assert check(text, proofs) is None
    for later in range(66):
        assert check(text, proofs, now=NOW + later) is not None


def test_a_nonce_is_asked_for_and_runs_out():
    proofs = Proofs(b"k" * 32)
    asked = check(proof(), proofs, nonce=True)
    assert asked.error == "use_dpop_nonce"
    nonce = proofs.nonce(NOW)
    assert check(proof(claims={"nonce": nonce}), proofs, nonce=True) is None
    later = {"nonce": nonce, "iat": NOW + 300, "jti": "j-2"}
    assert check(proof(claims=later), proofs, nonce=True, now=NOW + 300).error == "use_dpop_nonce"
    assert Proofs(b"x" * 32).nonce(NOW) != nonce
    for wrong in ("", None, [nonce], nonce + "x"):
        assert check(proof(claims={"nonce": wrong}), proofs, nonce=True).error == "use_dpop_nonce"


def test_the_thumbprint_of_the_standard():
    """RFC 7638 section 3.1, RFC 8037 appendix A.3."""
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    key = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "ignored"}
    assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_addresses_in_one_form():
    same = [
        "http://A.example:80",
        "http://a.example/",
        "HTTP://a.example/./",
        "http://a.example/?q#f",
    ]
    assert {normal(url) for url in same} == {"http://a.example/"}
    assert normal("http://[::1]:8801/a/../b/..") == "http://[::1]:8801/"
    assert normal("http://a.example/%7e%2f") == "http://a.example/~%2F"
    assert {
        normal(url) for url in ("a", "ftp://a/b", "http://", "http://a:x/", "http://[::1/")
    } == {None}


@given(st.text())
def test_any_address_has_one_form_or_none(url):
    form = normal(url)
    assert form is None or normal(form) == form


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=2), st.integers(0, 90), st.integers(0, 20)))
)
def test_used_proofs_are_never_forgotten_early(events):
    seen, model, now = Replays(), {}, 1000
    for digest, window, step in events:
        now += step
        known = model.get(digest, -1) >= now
        first = seen.first(digest, now + window, now)
        assert not (known and first)
        if first:
            model[digest] = now + window


def test_a_full_store_lets_nothing_count_twice():
    seen = Replays(size=10)
    assert [seen.first(bytes([n]), 160, 100) for n in range(12)] == [True] * 10 + [False] * 2
    assert not seen.first(bytes([3]), 160, 100)
    assert len(seen) == 10
    assert seen.first(b"later", 400, 200)
    assert len(seen) == 1
