"""Streams of records through a gateway: masked as they come, cut where they cannot be judged."""

import asyncio
import json

import pytest
from gateway_world import PERSONAL, response

RECORD = {"project_id": "P-1", "project_manager": {"name": "CANARY", "email": "CANARY@example.com"}}
TEXT = json.dumps(RECORD).encode()
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(text):
    return b"%x\r\n%b\r\n" % (len(text), text)


def streaming(media, text, size=7):
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    body = b"".join(chunk(part) for part in parts) + b"0\r\n\r\n"
    return lambda *_: HEAD.format(media).encode() + body


@pytest.mark.parametrize(
    ("media", "text"),
    [
        ("application/x-ndjson", TEXT + b"\n" + TEXT + b"\n"),
        ("application/jsonl", TEXT + b"\r\n"),
        ("application/json-seq", b"\x1e" + TEXT + b"\n"),
        ("application/ndjson", TEXT),
        ("Text/Event-Stream; charset=utf-8", b"data: " + TEXT + b"\n\n: CANARY\n\n"),
    ],
)
def test_records_are_masked(run, media, text):
    async def test(running):
        reply = await running.call()
        assert reply.status == 200
        assert reply.whole
        assert b"CANARY" not in reply.body
        assert b'"project_id":"P-1"' in reply.body
        clear = await running.call(key="everything")
        assert clear.body == text.replace(b": CANARY\n\n", b":\n\n")

    run(streaming(media, text), test, policies=PERSONAL)


def test_a_record_leaves_while_the_stream_goes_on(run):
    go_on = asyncio.Event()

    async def slow(_, writer):
        writer.write(HEAD.format("text/event-stream").encode() + chunk(b"data: " + TEXT + b"\n\n"))
        await writer.drain()
        await go_on.wait()
        return chunk(b'data: {"project_id":"P-2"}\n\n') + b"0\r\n\r\n"

    async def test(running):
        reader, writer = await running.send(
            b"GET /psa/projects/v2/projects/P-1 HTTP/1.1\r\nHost: x\r\nX-Api-Key: key-reader\r\n"
            b"Connection: close\r\n\r\n"
        )
        first = await asyncio.wait_for(reader.readuntil(b"P-1"), 5)
        go_on.set()
        rest = await asyncio.wait_for(reader.read(-1), 5)
        writer.close()
        assert b"CANARY" not in first + rest
        assert rest.endswith(b'data: {"project_id":"P-2"}\n\n\r\n0\r\n\r\n')

    run(slow, test, policies=PERSONAL)


def test_a_stream_that_turns_bad_is_cut_and_says_nothing(run):
    async def test(running):
        reply = await running.call()
        assert not reply.whole
        assert b"CANARY" not in reply.body

    text = TEXT + b"\nname: CANARY\n"
    run(streaming("application/x-ndjson", text), test, policies=PERSONAL)


@pytest.mark.parametrize("field", ["Content-Encoding: gzip", "Content-Range: bytes 0-1/2"])
def test_a_stream_that_cannot_be_judged_is_withheld(run, field):
    async def test(running):
        reply = await running.call()
        assert reply.status == 502
        assert reply.json()["type"] == "urn:treaty:problem:response-not-maskable"

    answer = response(200, TEXT, "Content-Type: application/x-ndjson", field)
    run(lambda *_: answer, test, policies=PERSONAL)
