"""The registry goes and comes back under load, with new rules, half rules and none."""

import asyncio
import json

import pytest
from gateway_world import response, snapshot, until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("chaos")]

SECRET = b"lead@example.com"
BODY = json.dumps({"project_id": "P-1", "project_manager": {"email": SECRET.decode()}}).encode()


def test_every_answer_is_right_while_the_registry_comes_and_goes(run):
    async def test(running):
        registry, seen, stop = running.registry, [], asyncio.Event()

        async def caller():
            while not stop.is_set():
                reply = await running.call()
                assert SECRET not in reply.body
                assert reply.status == 200, reply
                assert reply.json()["project_id"] == "P-1"
                seen.append(reply.headers["ratelimit-policy"])

        callers = [asyncio.create_task(caller()) for _ in range(6)]
        worlds = [snapshot(upstream=running.upstream.url, quota=n) for n in range(10_000, 10_006)]
        for world in worlds:
            registry.away = True
            await asyncio.sleep(0.1)
            registry.text = b'{"schema_version": 1, "half'
            registry.away = False
            await until(lambda: running.gateway.source.refused is not None)
            registry.text, registry.snapshot = None, world
            await until(lambda world=world: running.gateway.source.digest == world.digest, 40)
            now = f'"calls";q={world.plans[0].limits[0].quota};w=60'
            await until(lambda now=now: seen[-1] == now)
        stop.set()
        await asyncio.gather(*callers)
        assert len(set(seen)) >= len(worlds)

    run(lambda *_: response(200, BODY, "Content-Type: application/json"), test, quota=10**6)
