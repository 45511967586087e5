"""Compressed replies through a real gateway: whole, streamed, stored, and those that stay plain."""

import gzip
import json

from gateway_world import FakeRegistry, response, until
from routing_world import ask, on_one_path, world

POLICY = b"policy: small\nkind: compression\nspec: {min_bytes: 500}"
CACHED = b"\n---\npolicy: again\nkind: cache\nspec: {ttl: 30s}"
JSON = "Content-Type: application/json"
GZIP = "Accept-Encoding: gzip"
PROJECT = {"project_id": "P-1", "name": "x" * 900, "budget_cost": "12.00"}
BODY = json.dumps(PROJECT).encode()


def upstream(request, writer):
    return response(200, BODY, JSON, 'ETag: "a"', "Cache-Control: max-age=60")


def test_a_masked_reply_is_compressed_for_who_takes_it(run):
    async def test(running):
        small = await running.call("GET", "/projects/P-1", "reader", GZIP)
        plain = await running.call()
        assert small.headers["content-encoding"] == "gzip"
        assert len(small.body) == int(small.headers["content-length"]) < 200
        assert gzip.decompress(small.body) == plain.body
        assert plain.json()["budget_cost"] == "****"
        assert "content-encoding" not in plain.headers
        assert "accept-encoding" in small.headers["vary"].lower()
        assert "accept-encoding" in plain.headers["vary"].lower()

    run(upstream, test, policies=POLICY)


def test_what_is_stored_is_plain(run):
    async def test(running):
        small = await running.call("GET", "/projects/P-1", "reader", GZIP)
        again = await running.call()
        third = await running.call("GET", "/projects/P-1", "reader", GZIP)
        assert len(running.upstream.requests) == 1
        assert gzip.decompress(small.body) == again.body == gzip.decompress(third.body)
        assert third.headers["content-encoding"] == "gzip"

    run(upstream, test, policies=POLICY + CACHED)


def test_small_encoded_and_failed_replies_stay_as_they_are(run):
    def short(request, writer):
        return response(200, b'{"project_id":"P-1"}', JSON)

    async def test(running):
        reply = await running.call("GET", "/projects/P-1", "reader", GZIP)
        assert "content-encoding" not in reply.headers
        refused = await running.call("GET", "/projects/P-1", "nobody", GZIP)
        assert refused.status == 401
        assert "content-encoding" not in refused.headers

    run(short, test, policies=POLICY)


LINES = b"a line of text\n" * 40_000


def lines(request, writer):
    media = (
        "Content-Type: text/event-stream"
        if "records" in request.line
        else "Content-Type: text/plain"
    )
    return response(200, LINES, media, 'ETag: "a"', "Accept-Ranges: bytes")


def test_a_stream_is_compressed_as_it_comes_and_records_are_not(run):
    async def test(running):
        deployments = on_one_path(running.upstream.url, {"1.0.0": None})
        records = on_one_path(f"{running.upstream.url}/records", {"2.0.0": None}, base="/records")
        running.registry.snapshot = world((*deployments, *records), policies=POLICY)
        await until(lambda: running.gateway.source.runtime is not None)
        reply = await ask(running, GZIP)
        assert reply.whole
        assert reply.headers["transfer-encoding"] == "chunked"
        assert reply.headers["etag"] == 'W/"a"'
        assert "accept-ranges" not in reply.headers
        assert gzip.decompress(reply.body) == LINES
        plain = await ask(running)
        assert plain.body == LINES
        assert plain.headers["etag"] == '"a"'
        assert plain.headers["vary"] == "Accept-Encoding"
        events = await ask(running, GZIP, path="/records/orders")
        assert events.body == LINES
        assert "content-encoding" not in events.headers

    run(lines, test, registry=FakeRegistry())
