"""Opaque tokens over real sockets (RFC 7662): asked about once, believed for a while, never guessed."""

import asyncio
import base64
import json
import logging
from urllib.parse import parse_qs

import pytest
from gateway_world import RawServer, response
from psa_world import NOW
from token_world import ISSUER, jwk, token, verifier

from gateway.introspection import Introspections
from gateway.trust import Trust
from policies.exchange import Identity, NotYetError, Rejected
from policies.snapshot import IntrospectionPlan, IssuerPlan

JSON = "Content-Type: application/json"
ACTIVE = {
    "active": True,
    "client_id": "portal",
    "scope": "a b",
    "exp": NOW + 300,
    "iss": ISSUER,
    "aud": "treaty",
}
OPAQUE = "2YotnFZFEjr1zCsicMWpAA"


class Endpoint:
    def __init__(self):
        self.says = ACTIVE
        self.raw = None
        self.requests = []

    def __call__(self, request, writer):
        self.requests.append(request)
        if self.raw is not None:
            return self.raw()
        return response(200, json.dumps(self.says).encode(), JSON)


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr("gateway.outside._SECONDS", 0.3)


@pytest.fixture
def endpoint(tmp_path):
    def start(test, *, secret="s e:cret", **facts):
        async def scenario():
            asked, clock = Endpoint(), [NOW]
            async with RawServer(asked) as server:
                where = IntrospectionPlan(
                    endpoint=f"{server.url}/introspect", client_id="the gateway", secret="idp",
                    cache_seconds=facts.pop("cache_seconds", 60),
                )  # fmt: skip
                given = {
                    "name": "idp", "issuer": ISSUER, "audience": "treaty", "algorithms": ("ES256",),
                    "introspection": where,
                }  # fmt: skip
                trust = Trust(lambda: clock[0], tmp_path)
                trust.introspections = Introspections({"idp": secret}.get, lambda: clock[0])
                who = verifier((IssuerPlan(**(given | facts)),), lambda: clock[0], trust)
                await test(asked, who, clock)

        asyncio.run(scenario())

    return start


async def settled(who, text=OPAQUE, skew=60, **more):
    try:
        return who.verify(text, skew, **more)
    except NotYetError as wait:
        await wait.resume()
    return who.verify(text, skew, **more)


def test_an_active_token_counts_and_is_asked_about_once(endpoint):
    async def test(asked, who, clock):
        for _ in range(3):
            caller = await settled(who)
            assert isinstance(caller, Identity)
            assert (caller.application, caller.scopes, caller.issuer) == (
                "portal",
                {"a", "b"},
                "idp",
            )
        (request,) = asked.requests
        assert request.line == "POST /introspect HTTP/1.1"
        assert parse_qs(request.body.decode()) == {
            "token": [OPAQUE],
            "token_type_hint": ["access_token"],
        }
        # RFC 6749 section 2.3.1: each half is form-encoded before they are joined.
        kind, _, sent = request.headers["authorization"].partition(" ")
        assert (kind, base64.b64decode(sent)) == ("Basic", b"the+gateway:s+e%3Acret")

    endpoint(test)


def test_many_who_wait_cause_one_question(endpoint):
    async def test(asked, who, clock):
        found = await asyncio.gather(*(settled(who) for _ in range(20)))
        assert all(isinstance(verdict, Identity) for verdict in found)
        assert len(asked.requests) == 1

    endpoint(test)


INACTIVE = {
    "not active": {"active": False},
    "of another issuer": {"iss": "https://evil.example.com"},
    "for another audience": {"aud": "other"},
    "for other audiences": {"aud": ["a", "b"]},
    "without client": {"client_id": None},
    "with clients in a list": {"client_id": ["portal"]},
    "of an unknown client": {"client_id": "stranger"},
    "with scopes in a list": {"scope": ["a"]},
    "expired": {"exp": NOW - 60},
    "with an expiry as text": {"exp": "soon"},
    "not valid yet": {"nbf": NOW + 61},
    "bound to nothing known": {"cnf": {"kid": "x"}},
}


@pytest.mark.parametrize("said", INACTIVE.values(), ids=INACTIVE)
def test_tokens_that_do_not_count(endpoint, said):
    async def test(asked, who, clock):
        asked.says = ACTIVE | said
        for _ in range(5):
            verdict = await settled(who)
            assert isinstance(verdict, Rejected)
            assert verdict.retry_seconds == 0
        assert len(asked.requests) == 1

    endpoint(test)


def test_bindings_are_those_that_the_issuer_names(endpoint):
    async def test(asked, who, clock):
        asked.says = ACTIVE | {"cnf": {"jkt": "K", "x5t#S256": "C"}}
        caller = await settled(who)
        assert (caller.jkt, caller.x5t) == ("K", "C")

    endpoint(test)


def test_minimal_answers_count(endpoint):
    async def test(asked, who, clock):
        asked.says = {"active": True, "client_id": "portal"}
        caller = await settled(who)
        assert isinstance(caller, Identity)
        assert caller.scopes == frozenset()

    endpoint(test)


@pytest.mark.parametrize(("cache", "ends"), [(60, 60), (3600, 300), (0, 1)])
def test_answers_are_believed_for_a_while(endpoint, cache, ends):
    async def test(asked, who, clock):
        await settled(who)
        asked.says = {"active": False}
        clock[0] = NOW + ends - 0.5
        assert isinstance(await settled(who), Identity)
        clock[0] = NOW + ends + 0.5
        assert isinstance(await settled(who), Rejected)
        assert len(asked.requests) == 2

    endpoint(test, cache_seconds=cache)


def test_a_refusal_is_believed_shortly(endpoint):
    async def test(asked, who, clock):
        asked.says = {"active": False}
        await settled(who)
        asked.says, clock[0] = ACTIVE, NOW + 11
        assert isinstance(await settled(who), Identity)

    endpoint(test)


async def slow():
    await asyncio.sleep(30)


AWAY = {
    "an error": lambda: response(500),
    "wrong credentials of ours": lambda: response(401, b"{}", JSON),
    "a redirect": lambda: response(307, b"", "Location: http://127.0.0.1:1/"),
    "garbage": lambda: response(200, b"active", JSON),
    "another type": lambda: response(200, b'{"active": true}', "Content-Type: text/plain"),
    "a signed answer": lambda: response(200, b"a.b.c", "Content-Type: application/token-introspection+jwt"),
    "a list": lambda: response(200, b"[]", JSON),
    "no word on active": lambda: response(200, b'{"client_id": "portal"}', JSON),
    "active as a text": lambda: response(200, b'{"active": "true", "client_id": "portal"}', JSON),
    "active as a number": lambda: response(200, b'{"active": 1, "client_id": "portal"}', JSON),
    "active twice": lambda: response(200, b'{"active": false, "active": true, "client_id": "portal"}', JSON),
    "a huge answer": lambda: response(200, b'{"active": true, "x": "' + b"x" * 20_000 + b'"}', JSON),
    "a closed door": lambda: None,
    "silence": slow,
}  # fmt: skip


@pytest.mark.parametrize("raw", AWAY.values(), ids=AWAY)
def test_an_endpoint_that_fails_lets_nobody_in(endpoint, raw, caplog):
    async def test(asked, who, clock):
        asked.raw = raw
        verdict = await settled(who)
        assert isinstance(verdict, Rejected)
        assert verdict.retry_seconds > 0
        # Other tokens need not wait to learn the same.
        count = len(asked.requests)
        assert who.verify("another-token", 60).retry_seconds > 0
        assert len(asked.requests) == count
        asked.raw, clock[0] = None, NOW + 3
        assert isinstance(await settled(who), Identity)

    with caplog.at_level(logging.DEBUG):
        endpoint(test)
    for secret in (OPAQUE, "another-token", "cret", "portal"):
        assert secret not in caplog.text


def test_without_its_secret_the_gateway_asks_nobody(endpoint):
    async def test(asked, who, clock):
        assert (await settled(who)).retry_seconds > 0
        assert asked.requests == []

    endpoint(test, secret=None)


def test_an_issuer_with_keys_is_not_asked_about_its_own_signed_tokens(endpoint):
    async def test(asked, who, clock):
        assert isinstance(who.verify(token("P-256", "ES256"), 60), Identity)
        assert isinstance(who.verify(token("P-256-evil", "ES256", {"kid": "P-256"}), 60), Rejected)
        assert asked.requests == []
        assert isinstance(await settled(who), Identity)

    endpoint(test, jwks={"keys": [jwk("P-256")]})


def test_an_issuer_without_keys_is_asked_about_signed_tokens_too(endpoint):
    async def test(asked, who, clock):
        assert isinstance(await settled(who, token("P-256", "ES256")), Identity)
        assert isinstance(
            await settled(who, token(claims={"iss": "https://x.example.com"})), Rejected
        )
        assert len(asked.requests) == 1

    endpoint(test)


def test_nothing_is_told_to_an_issuer_that_the_operation_does_not_take(endpoint):
    async def test(asked, who, clock):
        for text in (OPAQUE, token("P-256", "ES256")):
            assert isinstance(await settled(who, text, issuers=frozenset({"other"})), Rejected)
        assert asked.requests == []

    endpoint(test)


@pytest.mark.parametrize("text", ["", "a" * 20_000, "tokén", "a.b.c", "a..b", ". ."])
def test_texts_that_are_no_token_are_not_passed_on(endpoint, text):
    async def test(asked, who, clock):
        assert isinstance(await settled(who, text), Rejected)
        assert asked.requests == []

    endpoint(test)


def test_secrets_by_name(tmp_path, monkeypatch):
    from gateway.settings import secret

    (tmp_path / "idp").write_text("from the file\n")
    (tmp_path.parent / "outside").write_text("x")
    monkeypatch.setenv("TREATY_GATEWAY_SECRET_OTHER_IDP", "from the environment")
    assert secret("idp", tmp_path) == "from the file"
    assert secret("other-idp", tmp_path) == "from the environment"
    for name in ("none", "../outside", "", "IDP", "/etc/passwd"):
        assert secret(name, tmp_path) is None
