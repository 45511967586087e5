"""Trusted issuers: registered per environment, compiled into its snapshot, refused as a whole."""

import pytest
from registry_world import DATABASES, world
from token_world import jwk

PATH = "/v1/environments/demo/issuers/our-idp"
IDP = {
    "issuer": "https://idp.example.com",
    "audience": "treaty",
    "algorithms": ["ES256", "RS256"],
    "discovery": "https://idp.example.com/.well-known/openid-configuration",
}


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


def issuers(registry):
    return {plan["name"]: plan for plan in registry.snapshot()["issuers"]}


def test_an_issuer_reaches_the_snapshot_and_leaves_it(registry):
    before = registry.snapshot()["digest"]
    asked = {"endpoint": "https://idp.example.com/ask", "client_id": "gateway", "secret": "idp"}
    made = registry.call("PUT", PATH, IDP | {"introspection": asked}, status=201)
    plan = issuers(registry)["our-idp"]
    assert plan["discovery"] == IDP["discovery"]
    assert plan["introspection"] == asked | {"cache_seconds": 60}
    assert set(issuers(registry)) == {"treaty", "our-idp"}
    (listed,) = registry.call("GET", "/v1/environments/demo/issuers", status=200).json()["items"]
    assert listed == made.json()
    registry.call("PUT", PATH, IDP, status=428)
    headers = {"If_Match": made.headers["etag"]}
    registry.call("PUT", PATH, IDP | {"audience": "other"}, status=200, **headers)
    registry.call("PUT", PATH, IDP, status=412, **headers)
    assert issuers(registry)["our-idp"]["audience"] == "other"
    registry.call("DELETE", PATH, status=204)
    assert registry.snapshot()["digest"] == before
    registry.call("DELETE", PATH, status=404)


def test_keys_are_kept_where_they_can_be_used(registry):
    keys = [jwk("P-256"), jwk("rsa-enc", use="enc"), jwk("weak")]
    facts = {name: value for name, value in IDP.items() if name != "discovery"}
    made = registry.call("PUT", PATH, facts | {"jwks": {"keys": keys}}, status=201).json()
    assert made["facts"]["jwks"] == {"keys": keys[:1]}


BAD = {
    "keys over http": {"discovery": "http://idp.example.com/"},
    "no way to keys": {"discovery": None},
    "keys of no use": {"discovery": None, "jwks": {"keys": [jwk("weak")]}},
    "private keys": {"jwks": {"keys": [jwk("P-256") | {"d": "AQ"}]}},
    "a shared secret": {"jwks": {"keys": [{"kty": "oct", "k": "AQ"}]}},
    "an algorithm of shared secrets": {"algorithms": ["HS256"]},
    "no algorithm": {"algorithms": []},
    "an unknown member": {"jwks_url": "https://idp.example.com/"},
    "the identifier of our own": {"issuer": "own"},
}


@pytest.mark.parametrize("bent", BAD.values(), ids=BAD)
def test_what_cannot_be_trusted_leaves_no_trace(registry, bent):
    before = registry.snapshot()
    body = {name: value for name, value in (IDP | bent).items() if value is not None}
    if bent.get("issuer") == "own":
        body["issuer"] = before["issuers"][0]["issuer"]
    problem = registry.call("PUT", PATH, body, status=422).json()
    assert problem["type"].rsplit(":", 1)[1] in ("invalid-issuer", "invalid-request")
    assert registry.snapshot()["digest"] == before["digest"]
    assert registry.call("GET", "/v1/environments/demo/issuers", status=200).json()["items"] == []


def test_the_own_issuer_is_not_for_the_taking(registry):
    registry.call("PUT", "/v1/environments/demo/issuers/treaty", IDP, status=409)
    registry.call("PUT", "/v1/environments/nowhere/issuers/our-idp", IDP, status=404)


def test_an_issuer_that_a_policy_names_stays(registry):
    registry.call("PUT", PATH, IDP, status=201)
    named = {"document": "policy: who\nkind: authenticate\nspec: {issuers: [our-idp]}"}
    registry.call("PUT", "/v1/policies/own", named, status=201)
    problem = registry.call("DELETE", PATH, status=422).json()
    assert problem["type"] == "urn:treaty:problem:invalid-policy"
    assert "our-idp" in problem["detail"]
    assert "our-idp" in issuers(registry)
