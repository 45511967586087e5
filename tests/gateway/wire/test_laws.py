"""Laws over any bytes: what leaves the gateway, on either side, is HTTP/1.1; and it serves on."""

import wire_message
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_bytes import whole
from wire_case import PROBE
from wire_client import Client
from wire_world import wire as wire

REQUESTS = [
    b"GET /w/plain?a=1 HTTP/1.1\r\nHost: a.example:80\r\nX-A: 1\r\n\r\n",
    b"POST /w/plain HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nfour",
    b"POST /w/plain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nfour\r\n0\r\nX-T: 1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close, x-a\r\nX-A: 1\r\n\r\n",
]
ANSWERS = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: 1\r\n\r\nfour",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nfour\r\n0\r\nX-T: 1\r\n\r\n",
    b"HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.0 204 None\r\nConnection: x-a\r\n\r\n",
]
SECRET = b"5550100"
CLASSIFIED = [
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n{"ok":1,"phone":"5550100"}',
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n{"ok":1,"phone":"5550100"}\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"ok":1,"phone":"5550100"}',
]
PIECES = [
    b"\0", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b",", b";", b'"', b"\\", b"\x7f",
    b"\xff", b"0", b"-", b"+", b"_", b"#", b"%00", b"%2f", b"..", b"//", b"HTTP/1.1", b"chunked",
    b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: b\r\n", b" folded\r\n",
    b"Connection: host\r\n", b"Upgrade: websocket\r\n", b"GET /w/plain HTTP/1.1\r\n",
]  # fmt: skip


@st.composite
def mutated(draw, texts):
    """Return one of the texts with pieces put in, put over or cut out; JSON stays as it is."""
    text, brace, json = draw(st.sampled_from(texts)).partition(b'{"')
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 0, 1, 2, 5]))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=2)))
        text = text[:start] + piece + text[start + length :]
    return text + brace + json


async def exchanged(world, sent, answer):
    """Send the bytes, return the final responses and the connections to the upstream."""
    await world.upstream.stage([[answer.decode("latin-1"), "close"]] if answer else [], whole)
    async with Client([], {}, whole) as client:
        await client.connect(world.port)
        await client.send(sent)
        client.half_close()
        await client.until(lambda: client.ended)
        assert client.ended, "the connection stays open behind a half-close"
        found = client.finals()
    return found, world.upstream.links


async def alive(world):
    async with Client([], {}, whole) as client:
        await client.connect(world.port)
        await client.send(PROBE)
        return [message.status for message in await client.answers(1)]


def sound(world, sent, answer=None):
    world.faults.clear()
    found, links = world.runner.run(exchanged(world, sent, answer))
    assert [link.fault for link in links if link.fault] == []
    assert world.faults == []
    return found, [message for link in links for message in link.requests]


@given(sent=mutated(REQUESTS))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_request(wire, sent):
    found, reached = sound(wire, sent)
    assert all(message.whole for message in found)
    assert sum(message.whole for message in reached) <= len(found)


@given(answer=mutated(ANSWERS))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_answer(wire, answer):
    found, reached = sound(wire, REQUESTS[0], answer)
    assert len(found) == 1
    assert len(reached) == 1
    assert found[0].whole or found[0].status < 400


@given(answer=mutated(CLASSIFIED))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_what_is_classified_never_leaks(wire, answer):
    found, _ = sound(wire, b"GET /w/masked HTTP/1.1\r\nHost: a\r\n\r\n", answer)
    assert len(found) == 1
    shown = [found[0].body, *(value.encode("latin-1") for _, value in found[0].fields)]
    assert not any(SECRET in text for text in shown)


def test_the_gateway_lives(wire):
    assert wire.runner.run(alive(wire)) == [200]


def test_the_reader_is_strict():
    for text in [b"HTTP/1.1 200 OK\nA: b\r\n\r\n", b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n"]:
        try:
            wire_message.replies(text, ["GET"], ended=True)
        except wire_message.MalformedError:
            continue
        raise AssertionError(text)
