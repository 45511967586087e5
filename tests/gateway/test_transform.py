"""A transform through a real gateway: the mask comes after it, the upstream gets the new body."""

import json

from gateway_world import PERSONAL, response

OLD = '{"project_id": id, "budget_cost": cost}'
BACK = (
    b"policy: back\nkind: transform\nselect: {operations: [getProject]}\nspec: {response: '%b'}"
    % (OLD.encode())
)
THERE = b"policy: there\nkind: transform\nselect: {operations: [updateProject]}\nspec: {request: '{\"title\": name}'}"
JSON = "Content-Type: application/json"


def upstream(request, writer):
    return response(200, b'{"id":"P-1","cost":"12.00"}', JSON, 'ETag: "old"')


def test_a_mask_comes_after_the_transform(run):
    async def test(running):
        reply = await running.call(key="reader")
        assert reply.json() == {"project_id": "P-1", "budget_cost": "****"}
        assert "etag" not in reply.headers

    run(upstream, test, policies=BACK + b"\n---" + PERSONAL)


def test_the_upstream_gets_the_new_body_and_no_digest_of_the_old_one(run):
    async def test(running):
        body = b'{"name":"P"}'
        digest = ("Content-Digest: sha-256=:x:", JSON, 'If-Match: "1"')
        await running.call("PATCH", "/projects/P-1", "writer", *digest, body=body)
        request = running.upstream.requests[0]
        assert json.loads(request.body) == {"title": "P"}
        assert request.headers["content-length"] == str(len(request.body))
        assert "content-digest" not in request.headers

    run(upstream, test, policies=THERE)


def test_what_cannot_be_transformed_is_withheld(run):
    def bad(request, writer):
        return response(200, b"<cost>12.00</cost>", "Content-Type: text/xml")

    async def test(running):
        reply = await running.call(key="reader")
        assert reply.status == 502
        assert reply.json()["type"] == "urn:treaty:problem:response-not-transformable"
        assert reply.json()["policy"] == "back"

    run(bad, test, policies=BACK)
