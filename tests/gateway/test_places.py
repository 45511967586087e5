"""Places are given back however a call ends."""

import asyncio

from gateway_world import response, until

LIMIT = b"policy: few\nkind: concurrency\nspec: {limit: 2, key: [application]}"


def test_places_come_back_when_calls_end_fail_or_are_left(run):
    gates = []

    async def slow(request, writer):
        if len(gates) == 2:
            return None  # whoever comes after the first two gets no answer
        gate = asyncio.Event()
        gates.append(gate)
        await gate.wait()
        return response(200, b"{}", "Content-Type: application/json")

    async def test(running):
        places = running.gateway._shared.places
        first = asyncio.create_task(running.call())
        _, leaver = await running.send(
            b"GET /psa/projects/v2/projects/P-1 HTTP/1.1\r\nHost: x\r\nX-Api-Key: key-reader\r\n\r\n"
        )
        await until(lambda: len(gates) == 2)
        refused = await running.call()
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert refused.json()["type"] == "urn:treaty:problem:concurrency-exceeded"
        leaver.transport.abort()
        for gate in gates:
            gate.set()
        assert (await first).status == 200
        await until(lambda: len(places) == 0)
        assert (await running.call()).status == 502
        assert len(places) == 0

    run(slow, test, policies=LIMIT)
