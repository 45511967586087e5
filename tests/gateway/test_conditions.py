"""Conditions in a running gateway: what does not match is judged by the policy that stands behind."""

import json

import pytest
from gateway_world import response

PROJECT = {"project_id": "P-1", "project_manager": {"name": "N", "email": "lead@example.com"}}
OPEN = (
    b"policy: open\nkind: mask\nselect: {operations: [getProject]}\nwhen: {header.x-channel: batch}\n"
    b"spec: {reveal: [{categories: [PII, contact], scopes: [projects.read]}]}\n"
)
BROKEN = (
    b"policy: a\nkind: require-claims\nmode: %s\nwhen: {expression: '$count(header)'}\n"
    b"spec: {require: {claim.region: eu}}\n"
)
CLAIMS = b"policy: a\nkind: require-claims\nmode: %s\nspec: {require: {claim.region: secret-eu}}\n"


def answering(request, writer):
    del request, writer
    return response(200, json.dumps(PROJECT).encode(), "Content-Type: application/json")


def test_the_mask_behind_holds_where_the_condition_does_not_match(run):
    async def test(running):
        path = "/projects/P-1"
        batch = await running.call("GET", path, "reader", "X-Channel: batch")
        web = await running.call("GET", path, "reader", "X-Channel: web")
        bare = await running.call("GET", path, "reader")
        assert b"lead@example.com" in batch.body
        assert b"lead@example.com" not in web.body
        assert b"lead@example.com" not in bare.body

    run(answering, test, policies=OPEN)


@pytest.mark.parametrize(("mode", "status"), [(b"enforce", 500), (b"observe", 200)])
def test_a_condition_that_cannot_be_judged_refuses_where_it_is_enforced(run, mode, status):
    async def test(running):
        assert (await running.call("GET", "/projects/P-1", "reader")).status == status

    run(answering, test, policies=BROKEN % mode)


@pytest.mark.parametrize(("mode", "status"), [(b"enforce", 403), (b"observe", 200)])
def test_a_required_claim_is_named_without_its_value(run, mode, status):
    async def test(running):
        reply = await running.call("GET", "/projects/P-1", "reader")
        assert reply.status == status
        assert b"secret-eu" not in reply.body
        assert (b"claim.region" in reply.body) is (status == 403)

    run(answering, test, policies=CLAIMS % mode)
