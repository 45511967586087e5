"""Replies from the cache through a real gateway: whose, for how long, and when not."""

import pytest
from gateway_world import response

JSON = "Content-Type: application/json"
POLICY = b"policy: again\nkind: cache\nspec: {ttl: 60s, at_most: 10m}"

COSTS = b"""
---
policy: costs
kind: mask
spec: {from: classification, reveal: [{scopes: [projects.costs], categories: [financial]}]}
"""


def counting(*fields, status=200):
    count = [0]

    def script(request, writer):
        count[0] += 1
        body = b'{"project_id":"P-%d","budget_cost":"99.00"}' % count[0]
        return response(status, body, JSON, *fields)

    return script


def get(running, key="reader", *fields, path="/projects/P-1"):
    return running.call("GET", path, key, *fields)


async def same(running, *fields, again=()):
    first = await get(running, "reader", *fields)
    return (await get(running, "reader", *(again or fields))).body == first.body


def test_given_again_to_the_same_view_only(run):
    async def test(running):
        first, again = await get(running), await get(running)
        assert first.body == again.body
        assert b"99.00" not in again.body
        assert again.headers["cache-status"].startswith("treaty; hit")
        assert again.headers["age"] == "0"
        assert again.headers["cache-control"] == "private"
        assert "cache-status" not in first.headers
        other = await get(running, "everything")
        assert b"99.00" in other.body
        assert b"99.00" not in (await get(running)).body
        # Every call is authenticated and counted, from the cache or not.
        assert (await get(running, "")).status == 401
        assert again.headers["ratelimit"] != first.headers["ratelimit"]
        assert len(running.upstream.requests) == 2

    run(counting("Cache-Control: public, max-age=60"), test, policies=POLICY + COSTS)


@pytest.mark.parametrize(
    "fields",
    [
        ["Cache-Control: no-store"],
        ["Cache-Control: private, max-age=60"],
        ["Cache-Control: no-cache"],
        ["Cache-Control: max-age=0"],
        ["Cache-Control: max-age=soon"],
        ["Cache-Control: max-age=10", "Age: 10"],
        ["Expires: 0"],
        ["Vary: *"],
        ["Set-Cookie: a=b"],
    ],
)
def test_not_kept(run, fields):
    async def test(running):
        assert not await same(running)

    run(counting(*fields), test, policies=POLICY)


@pytest.mark.parametrize("status", [203, 404, 500])
def test_only_plain_successes_are_kept(run, status):
    async def test(running):
        await get(running)
        await get(running)
        assert len(running.upstream.requests) == 2

    run(counting(status=status), test, policies=POLICY)


@pytest.mark.parametrize(
    "field",
    ["Cache-Control: no-store", "Cache-Control: no-cache", "Pragma: no-cache", "Range: bytes=0-1"],
)
def test_a_client_that_wants_it_from_the_upstream(run, field):
    async def test(running):
        await get(running)
        assert "cache-status" not in (await get(running, "reader", field)).headers
        assert len(running.upstream.requests) == 2

    run(counting(), test, policies=POLICY)


def test_what_the_answer_varies_by(run):
    async def test(running):
        assert await same(running, "Accept-Language: de")
        assert not await same(running, "Accept-Language: fr", again=("Accept-Language: en",))
        assert len(running.upstream.requests) == 3
        assert "cache-status" in (await get(running, "reader", "Accept-Language: de")).headers

    run(counting("Vary: Accept-Language"), test, policies=POLICY)


def test_the_query_counts(run):
    async def test(running):
        one = await get(running, path="/projects/P-1?a=1")
        two = await get(running, path="/projects/P-1?a=2")
        assert one.body != two.body

    run(counting(), test, policies=POLICY)


def test_it_ends_in_time(run):
    clock = [1_800_000_000.0]

    async def test(running):
        await get(running)
        clock[0] += 59
        again = await get(running)
        assert again.headers["age"] == "59"
        clock[0] += 1
        assert "cache-status" not in (await get(running)).headers

    run(counting(), test, policies=POLICY, clock=lambda: clock[0])


def test_never_longer_than_the_policy_says(run):
    clock = [1_800_000_000.0]

    async def test(running):
        await get(running)
        clock[0] += 600
        assert "cache-status" not in (await get(running)).headers

    run(counting("Cache-Control: max-age=9999"), test, policies=POLICY, clock=lambda: clock[0])


def test_a_write_to_the_path_ends_it(run):
    async def test(running):
        first = await get(running)
        await running.call("PATCH", "/projects/P-2", "writer", JSON, body=b"{}")
        assert (await get(running)).body == first.body
        await running.call("PATCH", "/projects/P-1", "writer", JSON, body=b"{}")
        assert (await get(running)).body != first.body

    run(counting(), test, policies=POLICY)


def test_a_validator_that_matches(run):
    answer = response(404, b"{}", JSON)
    whole = response(200, b'{"items":[]}', JSON, 'ETag: "a"')

    async def test(running):
        path = "/resources"
        first = await get(running, path=path)
        assert first.headers.get("etag") == (await get(running, path=path)).headers.get("etag")
        reply = await get(running, "reader", 'If-None-Match: "b", W/"a"', path=path)
        assert (reply.status, reply.body) == (304, b"")
        assert reply.headers["etag"] == '"a"'
        assert (await get(running, "reader", 'If-None-Match: "b"', path=path)).status == 200
        assert len(running.upstream.requests) == 1

    run(
        lambda request, writer: whole if "/resources" in request.line else answer,
        test,
        policies=POLICY,
    )


def test_without_a_policy_nothing_is_kept(run):
    async def test(running):
        assert not await same(running)

    run(counting("Cache-Control: max-age=60"), test)
