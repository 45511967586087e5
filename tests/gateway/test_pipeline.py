"""Calls from end to end: policies, masking, refusals and what they say."""

import json
import logging

import pytest
from gateway_world import PERSONAL, FakeRegistry, response

from policies.kinds import rate_limit

PROJECT = {
    "project_id": "P-1",
    "name": "Roll-out",
    "project_manager": {"name": "Somebody", "email": "lead@example.com"},
    "budget_cost": {"amount": "10.00", "currency": "EUR"},
}
BODY = json.dumps(PROJECT).encode()
JSON = "Content-Type: application/json"


def answering(*fields, status=200, body=BODY):
    return lambda request, writer: response(status, body, JSON, *fields)


def test_masks_by_scope_and_says_nothing_of_the_old_body(run):
    async def test(running):
        reply = await running.call()
        assert reply.status == 200
        assert b"lead@example.com" not in reply.body
        assert reply.json()["project_id"] == "P-1"
        assert "etag" not in reply.headers
        assert reply.headers["cache-control"] == "private"
        assert reply.headers["ratelimit"].startswith('"calls";r=99')
        assert reply.whole
        clear = await running.call(key="everything")
        assert clear.json()["project_manager"] == PROJECT["project_manager"]

    run(answering('ETag: "1"', "Cache-Control: public"), test, policies=PERSONAL)


def test_a_refusal_names_rule_contract_and_request(run):
    async def test(running):
        reply = await running.call("GET", "/projects/P-1", "writer", "X-Request-Id: r-7")
        problem = reply.json()
        assert reply.status == 403
        assert reply.headers["content-type"] == "application/problem+json"
        assert 'error="insufficient_scope"' in reply.headers["www-authenticate"]
        assert problem["type"] == "urn:treaty:problem:scope-missing"
        assert problem["instance"] == "urn:request:r-7"
        assert problem["request_id"] == "r-7"
        assert problem["policy"] == "baseline-scopes"
        assert problem["policy_source"]["file"] == "baseline.yaml"
        assert problem["policy_source"]["line"] > 0
        assert problem["contract"] == "psa.projects"
        assert problem["contract_version"] == "2.0.0"
        assert problem["operation"] == "getProject"
        assert running.upstream.requests == []

    run(answering(), test)


@pytest.mark.parametrize(
    ("key", "fields", "status", "slug"),
    [
        (None, (), 401, "token-missing"),
        ("nobody", (), 401, "token-invalid"),
        (None, ("Authorization: Bearer ey.x.y",), 401, "token-invalid"),
        (
            None,
            ("Authorization: Bearer a", "Authorization: Bearer b"),
            400,
            "credentials-ambiguous",
        ),
    ],
)
def test_without_valid_credentials(run, key, fields, status, slug):
    async def test(running):
        reply = await running.call("GET", "/projects/P-1", key, *fields)
        assert (reply.status, reply.json()["type"]) == (status, f"urn:treaty:problem:{slug}")
        assert running.upstream.requests == []

    run(answering(), test)


def test_limit_is_counted_and_its_fields_stay_on_the_refusal(run):
    async def test(running):
        statuses = [(await running.call()).status for _ in range(2)]
        reply = await running.call()
        assert [*statuses, reply.status] == [200, 200, 429]
        assert reply.headers["ratelimit"].startswith('"calls";r=0')
        assert int(reply.headers["retry-after"]) > 0

    run(answering(), test, quota=2)


def test_deprecation_fields_stay_on_refusals_and_upstream_errors(run):
    async def test(running):
        for key, status in (("reader", 500), ("writer", 403)):
            reply = await running.call(key=key)
            assert reply.status == status
            assert reply.headers["deprecation"] == "@1700000000"
            assert reply.headers["link"] == '</psa/projects/v3>; rel="successor-version"'

    facts = {"state": "deprecated", "deprecated_at": 1700000000, "successor": "/psa/projects/v3"}
    run(answering(status=500, body=b"{}"), test, **facts)


def test_observed_rules_leave_a_decision_and_no_trace(run):
    observed = b"""
policy: watch
kind: mask
mode: observe
spec: {from: classification}
---
policy: watch-limit
kind: rate-limit
mode: observe
spec: {quota: 1, window_seconds: 60, burst: 1}
"""

    async def test(running):
        for _ in range(2):
            reply = await running.call()
            assert reply.body == BODY
            assert reply.headers["etag"] == '"1"'
            assert "ratelimit" not in reply.headers
        await running.gateway.ledger.flush()
        first, second = (
            entry["decisions"] for batch in running.registry.batches for entry in batch["entries"]
        )
        assert [(d["kind"], d["outcome"], d["enforced"]) for d in first] == [
            ("mask", "transformed", False)
        ]
        assert [(d["kind"], d["outcome"], d["reason"], d["policy"]) for d in second] == [
            ("rate-limit", "denied", "quota-exceeded", "watch-limit"),
            ("mask", "transformed", "", "watch"),
        ]

    run(answering('ETag: "1"'), test, policies=observed)


def test_a_broken_rule_refuses_without_telling_values(run, monkeypatch, caplog):
    def broken(*_):
        raise ValueError("lead@example.com")

    monkeypatch.setattr(rate_limit.RateLimit, "on_request", broken)

    async def test(running):
        with caplog.at_level(logging.ERROR, "gateway"):
            reply = await running.call()
        assert reply.status == 500
        assert reply.json()["type"] == "urn:treaty:problem:internal-error"
        assert "ValueError" in caplog.text
        assert "lead@example.com" not in caplog.text + reply.body.decode()
        assert running.upstream.requests == []

    run(answering(), test)


@pytest.mark.parametrize(
    "script",
    [
        answering("Content-Encoding: gzip"),
        answering(body=b"<html>"),
        lambda *_: response(200, BODY, "Content-Type: text/html"),
        lambda *_: response(206, BODY, JSON, "Content-Range: bytes 0-1/2"),
    ],
)
def test_what_cannot_be_masked_is_withheld(run, script):
    async def test(running):
        reply = await running.call()
        assert reply.status == 502
        assert reply.json()["type"] == "urn:treaty:problem:response-not-maskable"
        assert b"lead@" not in reply.body

    run(script, test)


def test_request_body_and_query_arrive_as_sent(run):
    async def test(running):
        body = b'{"name":"x"}'
        reply = await running.call(
            "POST", "/projects?a=b%2Fc&d=%C3%A9", "everything", JSON, body=body
        )
        assert reply.status == 201
        assert reply.headers["location"] == "/psa/projects/v2/projects/P-9"
        request = running.upstream.requests[0]
        assert request.line == "POST /projects?a=b%2Fc&d=%C3%A9 HTTP/1.1"
        assert request.body == body

    run(answering("Location: /projects/P-9", status=201), test)


def test_declared_and_streamed_bodies_have_the_same_bound(run):
    small = b"policy: small\nkind: size-limit\nspec: {request_bytes: 10, response_bytes: 100}\n"

    async def test(running):
        declared = await running.call("POST", "/projects", "everything", JSON, body=b"x" * 11)
        chunked = (
            b"POST /psa/projects/v2/projects HTTP/1.1\r\nHost: x\r\nX-Api-Key: key-everything\r\n"
            b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nxxxxxxxxxxx\r\n0\r\n\r\n"
        )
        for reply in (declared, await running.exchange(chunked)):
            assert reply.status == 413
            assert reply.json()["policy"] == "small"
        assert [request.body for request in running.upstream.requests] == []

    run(answering(), test, policies=small)


def test_own_paths_and_no_snapshot(run):
    async def test(running):
        assert (await running.own("/-/health")).status == 200
        assert (await running.own("/-/ready")).status == 503
        reply = await running.call()
        assert reply.status == 503
        assert reply.headers["retry-after"] == "1"
        assert reply.json()["type"] == "urn:treaty:problem:not-ready"
        assert (await running.own("/-/other")).status == 404

    run(answering(), test, registry=FakeRegistry())


def test_access_log_has_no_query_and_no_secret(run, caplog):
    async def test(running):
        with caplog.at_level(logging.INFO, "gateway.access"):
            await running.call(path="/projects/P-1?token=hidden")
        (line,) = [r.getMessage() for r in caplog.records if r.name == "gateway.access"]
        assert "GET /psa/projects/v2/projects/P-1 200" in line
        assert "psa.projects@2.0.0/getProject reader" in line
        assert "hidden" not in line
        assert "key-reader" not in line

    run(answering(), test)
