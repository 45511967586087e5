"""Upstreams that are down, slow, broken or large; and clients that leave."""

import asyncio
import resource

import pytest
from gateway_world import response, until

JSON = "Content-Type: application/json"
MIB = 1024 * 1024
OPEN = b"""
policy: wide
kind: size-limit
spec: {request_bytes: 100000000, response_bytes: 100000000}
---
policy: watch
kind: mask
mode: observe
select: {operations: [listTimeEntries]}
spec: {from: classification}
"""
# The contract classifies no member of what POST answers with an error; errors stream as they are.
PLAIN = b"""
policy: small
kind: size-limit
spec: {request_bytes: 1000, response_bytes: 1000}
"""


async def slow(request, writer):
    await asyncio.sleep(0.4)
    return response(200, b"{}", JSON)


def half(request, writer):
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}"
    )


def large(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b"1" * 2000)


@pytest.mark.parametrize(
    ("script", "status", "slug"),
    [
        (slow, 504, "upstream-timeout"),
        (lambda *_: b"SSH-2.0-hello\r\n\r\n", 502, "upstream-invalid"),
        (lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 502, "upstream-invalid"),
        (lambda *_: response(999), 502, "upstream-invalid"),
        (lambda *_: None, 502, "upstream-invalid"),
        (half, 502, "upstream-invalid"),
        (large, 502, "response-too-large"),
        (lambda *_: response(200, b"1" * 2000, JSON), 502, "response-too-large"),
    ],
)
def test_broken_upstream(run, script, status, slug):
    async def test(running):
        reply = await running.call()
        assert (reply.status, reply.json()["type"]) == (status, f"urn:treaty:problem:{slug}")

    run(script, test, policies=PLAIN, timeout_seconds=0.2)


def test_upstream_down(run):
    async def test(running):
        running.upstream.server.close()
        reply = await running.call()
        assert reply.status == 502
        assert reply.json()["type"] == "urn:treaty:problem:upstream-unreachable"
        assert str(running.upstream.port) not in reply.body.decode()

    run(lambda *_: None, test)


def stream(writer, sizes, *, finish=True):
    async def send():
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for size in sizes:
            writer.write(b"%x\r\n" % size + b"x" * size + b"\r\n")
            await writer.drain()
        if finish:
            writer.write(b"0\r\n\r\n")

    return send()


def unmasked(running):
    """Take the response rules off every operation: bodies stream."""
    runtime = running.gateway.source.runtime
    plain = runtime.snapshot.model_copy(
        update={
            "contracts": tuple(
                plan.model_copy(
                    update={
                        "operations": tuple(
                            operation.model_copy(
                                update={
                                    "rules": tuple(r for r in operation.rules if r.kind != "mask")
                                }
                            )
                            for operation in plan.operations
                        )
                    }
                )
                for plan in runtime.snapshot.contracts
            )
        }
    ).sealed()
    running.registry.snapshot = plain
    return until(lambda: running.gateway.source.digest == plain.digest)


def test_thirty_megabytes_pass_in_bounded_memory(run):
    async def test(running):
        await unmasked(running)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        reader, writer = await running.send(
            b"GET /psa/projects/v2/projects/P-1 HTTP/1.1\r\nHost: x\r\n"
            b"X-Api-Key: key-reader\r\nConnection: close\r\n\r\n"
        )
        seen = 0
        while chunk := await reader.read(65536):
            seen += len(chunk)
        writer.close()
        assert seen > 30 * MIB
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024

    run(lambda _, writer: stream(writer, [65536] * 480), test, policies=OPEN)


def test_a_short_stream_that_breaks_off_is_one_clean_refusal(run):
    async def test(running):
        await unmasked(running)
        reply = await running.call()
        assert (reply.status, reply.whole) == (502, True)
        assert reply.json()["type"] == "urn:treaty:problem:upstream-invalid"

    run(lambda _, writer: stream(writer, [10], finish=False), test)


def test_a_long_stream_that_breaks_off_is_never_whole(run):
    async def test(running):
        await unmasked(running)
        reply = await running.call()
        assert reply.status == 200
        assert not reply.whole

    run(lambda _, writer: stream(writer, [65536] * 3, finish=False), test, policies=OPEN)


def test_a_stream_that_outgrows_its_bound_is_refused(run):
    async def test(running):
        await unmasked(running)
        reply = await running.call()
        assert (reply.status, reply.whole) == (502, True)
        assert reply.json()["type"] == "urn:treaty:problem:response-too-large"

    run(lambda _, writer: stream(writer, [600, 600]), test, policies=PLAIN)


def test_upstream_is_let_go_when_the_client_leaves(run):
    ended = []

    async def endless(request, writer):
        try:
            await stream(writer, [65536] * 100_000)
        finally:
            ended.append(True)

    async def test(running):
        await unmasked(running)
        reader, writer = await running.send(
            b"GET /psa/projects/v2/projects/P-1 HTTP/1.1\r\nHost: x\r\nX-Api-Key: key-reader\r\n\r\n"
        )
        await reader.read(1000)
        writer.close()
        await until(lambda: ended)

    run(endless, test, policies=OPEN)


def test_upload_streams(run):
    async def test(running):
        await unmasked(running)
        body = b"x" * (3 * MIB)
        reply = await running.call("POST", "/projects", "everything", body=body)
        assert reply.status == 200
        assert running.upstream.requests[0].body == body

    run(lambda *_: response(200, b"ok"), test, policies=OPEN)


def test_a_connection_serves_several_calls(run):
    async def test(running):
        reader, writer = await running.send(b"")
        for _ in range(2):
            writer.write(
                b"GET /psa/projects/v2/projects/P-1 HTTP/1.1\r\nHost: x\r\nX-Api-Key: key-nobody\r\n\r\n"
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 401 " in head
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    run(lambda *_: response(200), test)
