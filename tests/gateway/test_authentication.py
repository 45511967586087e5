"""Callers at a real gateway: tokens of every kind on the wire, and what the upstream gets to see."""

import asyncio
import hashlib
import json
import logging
import re

import pytest
from gateway_world import RawServer, response
from psa_world import NOW
from token_world import ALGORITHMS, ISSUER, b64, dpop, jwk, token

from gateway.jose.keys import thumbprint
from policies.snapshot import IntrospectionPlan, IssuerPlan

JSON = "Content-Type: application/json"
OK = response(200, b"{}", JSON)
READER = {"client_id": "reader", "scope": "projects.read", "secret_claim": "do-not-log"}
PROOFS = b"policy: who\nkind: authenticate\nspec: {accept: [bearer, dpop], proof_nonce: %s}"


def issuer(**facts):
    known = {"jwks": {"keys": [jwk("P-256")]}} if "jwks_uri" not in facts else {}
    plan = {"name": "idp", "issuer": ISSUER, "audience": "treaty", "algorithms": ALGORITHMS}
    return IssuerPlan(**(plan | known | facts))


def bearer(claims=None, scheme="Bearer"):
    return f"Authorization: {scheme} {reader(claims)}"


def reader(claims=None):
    return token("P-256", "ES256", claims=READER | (claims or {}))


def upstream(request, writer):
    return OK


def test_a_token_passes_and_stays_here(run, caplog):
    async def test(running):
        for _ in range(2):
            reply = await running.call("GET", "/projects/P-1", None, bearer(), "DPoP: a.b.c")
            assert reply.status == 200
        assert len(running.upstream.requests) == 2
        for request in running.upstream.requests:
            assert request.headers["treaty-application"] == "reader"
            assert not {"authorization", "dpop"} & set(request.headers)

    with caplog.at_level(logging.DEBUG):
        run(upstream, test, issuers=(issuer(),))
    assert "do-not-log" not in caplog.text
    assert reader().split(".")[1] not in caplog.text


REFUSED = {
    "a bent signature": ([bearer()[:-6] + "AAAAAA"], 401, "token-invalid", "invalid_token"),
    "an expired one": ([bearer({"exp": NOW - 100})], 401, "token-invalid", "invalid_token"),
    "two fields": ([bearer(), bearer()], 400, "credentials-ambiguous", "invalid_request"),
    "two tokens in a field": ([f"{bearer()}, {reader()}"], 400, "credentials-ambiguous", "invalid_request"),
    "a token and an empty field": ([bearer(), "Authorization:"], 400, "credentials-ambiguous", "invalid_request"),
    "a token and a key": ([bearer(), "X-Api-Key: key-reader"], 400, "credentials-ambiguous", "invalid_request"),
    "another scheme": (["Authorization: Basic cmVhZGVyOng="], 401, "token-missing", None),
    "no token": (["Authorization: Bearer"], 401, "token-invalid", "invalid_token"),
    "nothing": ([], 401, "token-missing", None),
    "a key of a proof": ([bearer({"cnf": {"jkt": "K"}})], 401, "token-invalid", "invalid_token"),
    "a certificate that is not here": ([bearer({"cnf": {"x5t#S256": "C"}})], 401, "token-invalid", "invalid_token"),
    "a header that claims a certificate": ([bearer({"cnf": {"x5t#S256": "C"}}), "X-Client-Cert: C", "X-Forwarded-Client-Cert: C"], 401, "token-invalid", "invalid_token"),
    "a token taken from sight by Connection": ([bearer({"exp": NOW - 100}), "Connection: authorization"], 401, "token-invalid", "invalid_token"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "status", "slug", "error"), REFUSED.values(), ids=REFUSED)
def test_refused(run, fields, status, slug, error):
    async def test(running):
        ends = [] if "Connection" in str(fields) else ["Connection: close"]
        head = ["GET /psa/projects/v2/projects/P-1 HTTP/1.1", "Host: a", *fields, *ends, "", ""]
        reader, writer = await running.send("\r\n".join(head).encode())
        text = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(re.search(r"content-length: (\d+)", text)[1])
        problem = json.loads(await reader.readexactly(length))
        writer.close()
        (challenge,) = re.findall(r"(?i)\r\nwww-authenticate: (.*)\r\n", text)
        assert int(text.split()[1]) == status
        assert problem["type"] == f"urn:treaty:problem:{slug}"
        assert challenge.startswith('Bearer realm="treaty"')
        assert re.findall(r' error="(\w+)"', challenge) == ([error] if error else [])
        assert "scope=" not in challenge
        assert running.upstream.requests == []

    run(upstream, test, issuers=(issuer(),))


def test_a_token_in_the_query_is_none(run):
    async def test(running):
        reply = await running.call("GET", f"/projects/P-1?access_token={reader()}", None)
        assert (reply.status, reply.json()["type"]) == (401, "urn:treaty:problem:token-missing")

    run(upstream, test, issuers=(issuer(),))


def proof(text, **claims):
    url = "http://gateway.example.com/psa/projects/v2/projects/P-1"
    ath = b64(hashlib.sha256(text.encode()).digest())
    return dpop(
        {"jti": "j", "htm": "GET", "htu": url, "iat": NOW, "ath": ath} | claims, "P-384", "ES384"
    )


def test_proofs_of_possession(run):
    bound = reader({"cnf": {"jkt": thumbprint(jwk("P-384"))}})
    scheme = f"Authorization: DPoP {bound}"

    async def test(running):
        async def call(*fields):
            return await running.call("GET", "/projects/P-1", None, *fields)

        first = await call(scheme, f"DPoP: {proof(bound)}")
        assert first.status == 200, first.body
        again = await call(scheme, f"DPoP: {proof(bound)}")
        assert again.status == 401
        assert 'error="invalid_dpop_proof"' in again.headers["www-authenticate"]
        other = proof(bound, jti="2", htu="http://gateway.example.com/psa/projects/v2/projects/P-2")
        for fields in ((), (f"DPoP: {other}",), (f"DPoP: {proof(bound, jti='3')}",) * 2):
            assert (await call(scheme, *fields)).status == 401
        assert (
            await call(f"Authorization: Bearer {bound}", f"DPoP: {proof(bound, jti='4')}")
        ).status == 401
        assert (await call(bearer())).status == 200
        assert len(running.upstream.requests) == 2

    run(upstream, test, issuers=(issuer(),), policies=PROOFS % b"false")


def test_a_missing_scope_is_told_in_the_scheme_that_was_used(run):
    bound = reader({"cnf": {"jkt": thumbprint(jwk("P-384"))}, "scope": "projects.costs"})

    async def test(running):
        fields = (f"Authorization: DPoP {bound}", f"DPoP: {proof(bound)}")
        reply = await running.call("GET", "/projects/P-1", None, *fields)
        assert reply.status == 403
        challenge = 'DPoP realm="treaty", error="insufficient_scope", scope="projects.read"'
        assert reply.headers["www-authenticate"] == challenge
        plain = await running.call("GET", "/projects/P-1", None, bearer({"scope": ""}))
        assert plain.headers["www-authenticate"] == challenge.replace("DPoP", "Bearer")

    run(upstream, test, issuers=(issuer(),), policies=PROOFS % b"false")


def test_a_nonce_is_handed_out(run):
    bound = reader({"cnf": {"jkt": thumbprint(jwk("P-384"))}})
    scheme = f"Authorization: DPoP {bound}"

    async def test(running):
        asked = await running.call("GET", "/projects/P-1", None, scheme, f"DPoP: {proof(bound)}")
        assert asked.status == 401
        assert 'error="use_dpop_nonce"' in asked.headers["www-authenticate"]
        nonce = asked.headers["dpop-nonce"]
        given = f"DPoP: {proof(bound, nonce=nonce)}"
        assert (await running.call("GET", "/projects/P-1", None, scheme, given)).status == 200

    run(upstream, test, issuers=(issuer(),), policies=PROOFS % b"true")


def test_keys_and_answers_of_issuers_are_awaited(run):
    def idp(request, writer):
        if request.line.startswith("GET /jwks"):
            return response(200, json.dumps({"keys": [jwk("P-256")]}).encode(), JSON)
        return response(503)

    async def scenario():
        async with RawServer(idp) as server:
            asked = {"endpoint": f"{server.url}/ask", "client_id": "gateway", "secret": "idp"}
            plan = issuer(jwks_uri=f"{server.url}/jwks", introspection=IntrospectionPlan(**asked))

            async def test(running):
                reply = await running.call("GET", "/projects/P-1", None, bearer())
                assert reply.status == 200, reply.body
                (state,) = (await running.own("/-/snapshot")).json()["issuers"]
                assert state == {"name": "idp", "keys": 1, "confirmed": int(NOW), "failures": 0}
                # The gateway holds no secret here: it cannot ask, and lets nobody in.
                away = await running.call(
                    "GET", "/projects/P-1", None, "Authorization: Bearer opaque"
                )
                assert (away.status, away.json()["type"]) == (503, "urn:treaty:problem:issuer-away")
                assert int(away.headers["retry-after"]) >= 1
                assert "www-authenticate" not in away.headers

            await asyncio.to_thread(run, upstream, test, issuers=(plan,))

    asyncio.run(scenario())
