"""Writes with an Idempotency-Key through a real gateway: once at the upstream, again at the client."""

import asyncio

import pytest
from gateway_world import response, until

from gateway.shelf import Shelf
from policies.stores import Kept

KEYED = b"policy: once\nkind: idempotency\nspec: {keep: 1h}"
JSON = "Content-Type: application/json"


def made(status=201, *fields):
    """Answer with a number that grows, so that a repetition shows."""
    count = [0]

    def script(request, writer):
        count[0] += 1
        body = b'{"project_id":"P-%d","budget_cost":"99.00"}' % count[0]
        return response(status, body, JSON, *fields)

    return script


def post(running, body=b'{"a":1}', key="k-1", caller="writer", path="/projects"):
    return running.call("POST", path, caller, f"Idempotency-Key: {key}", JSON, body=body)


def test_a_repetition_gets_the_first_reply(run):
    async def test(running):
        first, again = await post(running), await post(running, key='"k-1"')
        assert (first.status, again.status) == (201, 201)
        assert first.body == again.body
        assert again.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        assert again.headers["content-type"] == "application/json"
        assert again.headers["x-trace"] == "one"
        assert "set-cookie" not in again.headers
        # A link into the upstream leads through the gateway, the second time too.
        assert first.headers["location"] == again.headers["location"] == "/psa/projects/v2/p/1"
        assert len(running.upstream.requests) == 1
        assert running.upstream.requests[0].headers["idempotency-key"] == "k-1"
        assert (await post(running, key="k-2")).body != first.body

    fields = ("Location: /p/1", "X-Trace: one", "Set-Cookie: a=b")
    run(made(201, *fields), test, policies=KEYED)


def test_the_reply_is_kept_as_it_left_masked(run):
    async def test(running):
        first, again = await post(running), await post(running)
        assert first.body == again.body
        assert b"99.00" not in again.body

    run(made(), test, policies=KEYED)


def test_another_request_under_the_key_is_refused(run):
    async def test(running):
        await post(running)
        reply = await post(running, body=b'{"a":2}')
        assert reply.status == 422
        assert reply.json()["type"] == "urn:treaty:problem:idempotency-key-reused"
        assert (await post(running, path="/projects?x=1")).status == 422
        # Another caller has keys of its own.
        assert (await post(running, caller="everything")).status == 201
        assert len(running.upstream.requests) == 2

    run(made(), test, policies=KEYED)


def test_in_flight(run):
    gate = asyncio.Event()
    seen = []

    async def slow(request, writer):
        seen.append(request)
        await gate.wait()
        return response(201, b"{}", JSON)

    async def test(running):
        first = asyncio.create_task(post(running))
        await until(lambda: seen)
        reply = await post(running)
        assert (reply.status, reply.headers["retry-after"]) == (409, "1")
        assert reply.json()["type"] == "urn:treaty:problem:idempotency-in-flight"
        assert (await post(running, body=b"{}")).status == 422
        gate.set()
        assert (await first).status == 201
        assert (await post(running)).headers["idempotency-replayed"] == "true"
        assert len(seen) == 1

    run(slow, test, policies=KEYED)


@pytest.mark.parametrize(("status", "asked"), [(500, 2), (503, 2), (409, 2), (429, 2), (422, 1)])
def test_what_is_kept(run, status, asked):
    async def test(running):
        assert (await post(running)).status == status
        assert (await post(running)).status == status
        assert len(running.upstream.requests) == asked

    run(made(status), test, policies=KEYED)


def test_an_upstream_that_fails_frees_the_key(run):
    answers = [None, response(201, b"{}", JSON)]

    async def test(running):
        assert (await post(running)).status == 502
        assert (await post(running)).status == 201

    run(lambda request, writer: answers.pop(0), test, policies=KEYED)


def test_a_reply_too_large_to_keep_is_not_made_twice(run):
    async def test(running):
        assert (await post(running)).status == 201
        reply = await post(running)
        assert reply.status == 409
        assert reply.json()["type"] == "urn:treaty:problem:idempotency-reply-gone"
        assert len(running.upstream.requests) == 1

    policies = b"policy: once\nkind: idempotency\nspec: {max_reply_bytes: 3}"
    run(made(), test, policies=policies)


def test_a_reply_without_a_body(run):
    async def test(running):
        first, again = await post(running), await post(running)
        assert (first.status, again.status, again.body) == (204, 204, b"")
        assert again.headers["idempotency-replayed"] == "true"

    run(lambda request, writer: response(204, length=False), test, policies=KEYED)


def test_replies_end(run):
    clock = [1_800_000_000.0]

    async def test(running):
        await post(running)
        clock[0] += 3599
        assert (await post(running)).headers["idempotency-replayed"] == "true"
        clock[0] += 1
        assert "idempotency-replayed" not in (await post(running)).headers

    run(made(), test, policies=KEYED, clock=lambda: clock[0])


def test_a_shelf_is_bounded():
    shelf = Shelf(size=3, max_bytes=2000, reserved=2)
    for number in range(10):
        shelf.put(f"k{number}", Kept(b"m", 200, (), b"x" * 100, 0, 10))
    assert len(shelf) == 3
    assert shelf.get("k6", 1) is None
    assert shelf.get("k9", 1) is not None
    assert shelf.get("k9", 10) is None
    shelf.put("large", Kept(b"m", 200, (), b"x" * 3000, 0, 10))
    assert shelf.get("large", 1) is None
    assert shelf.bytes == 600
    assert [shelf.reserve(key, b"m" + key.encode()) for key in "abc"] == [None, None, b""]
    shelf.release("a")
    assert shelf.reserve("c", b"mc") is None
