"""Many clients at once over pooled connections: everybody gets the answer to its own question.

Clients leave in the middle, the upstream closes and lets wait, in an order that a seed decides.
"""

import asyncio
import random

import pytest
from wire_bytes import let_others_run, whole
from wire_client import Client
from wire_world import wire as wire

CLIENTS, REQUESTS = 40, 6
ANSWERS = [
    ["mirror"],
    ["mirror"],
    ["wait", "mirror"],
    ["wait", "wait", "wait", "mirror"],
    ["mirror", "close"],
]


def question(name, number, source):
    body = f"{name}-{number}".encode() * source.choice([0, 1, 20_000])
    head = f"POST /w/plain?who={name}&number={number} HTTP/1.1\r\nHost: a\r\n"
    if source.random() < 0.5:
        return body, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    chunks = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return body, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n"


async def honest(world, name, source):
    """Ask one after the other or all at once; return what is not the answer to the question."""
    questions = [question(name, number, source) for number in range(REQUESTS)]
    async with Client([], {}, whole) as client:
        await client.connect(world.port)
        for number, (_, sent) in enumerate(questions):
            await client.send(sent)
            if source.random() < 0.5:
                await client.answers(number + 1)
        found = await client.answers(REQUESTS)
    wanted = [
        f"/plain?who={name}&number={number}|".encode() + body
        for number, (body, _) in enumerate(questions)
    ]
    # A kept connection may close under a request that must not be sent twice: 502, never another's.
    wrong = [
        f"{name}: {message.status} {message.body[:60]}"
        for message, body in zip(found, wanted, strict=False)
        if message.body != body and message.status != 502
    ]
    all_said = len(found) == REQUESTS or (found and found[-1].value("connection") == "close")
    return wrong if all_said else [*wrong, f"{name}: {len(found)} answers"]


async def fickle(world, name, source):
    """Leave somewhere in the middle of it."""
    _, sent = question(name, 0, source)
    async with Client([], {}, whole) as client:
        await client.connect(world.port)
        await client.send(sent[: source.randrange(len(sent))] if source.random() < 0.5 else sent)
        for _ in range(source.randrange(6)):
            await let_others_run()
        await client.play([source.choice(["vanish", "reset"])])
    return []


async def crowd(world, seed):
    source = random.Random(seed)
    await world.upstream.stage([], whole, otherwise=lambda: source.choice(ANSWERS))
    kinds = [honest if number % 4 else fickle for number in range(CLIENTS)]
    clients = [
        kind(world, f"c{number}", random.Random(seed * 1000 + number))
        for number, kind in enumerate(kinds)
    ]
    wrong = [sentence for one in await asyncio.gather(*clients) for sentence in one]
    return wrong + [link.fault for link in world.upstream.links if link.fault]


@pytest.mark.parametrize("seed", range(8))
def test_everybody_gets_their_own_answer(wire, seed):
    wire.faults.clear()
    assert wire.runner.run(crowd(wire, seed)) == []
    assert wire.faults == []
