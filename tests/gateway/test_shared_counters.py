"""Limits counted in a real Redis or Valkey: exact among gateways, and what happens without it."""

import asyncio
import os
import time

import pytest
from gateway_world import response, until
from redis_world import RedisServer, binary

from contracts.errors import TreatyError
from gateway.ports import Shared
from gateway.redis import SharedCounters
from policies.exchange import Limit, NotYetError

JSON = "Content-Type: application/json"
UP = lambda *_: response(200, b"{}", JSON)  # noqa: E731  # an upstream


@pytest.fixture
def redis(tmp_path):
    if binary() is None:
        assert os.environ.get("CI") != "true", "deploy/redis_server.py installs one"
        pytest.fail("no redis-server or valkey-server: sudo apt install redis-server")
    with RedisServer(tmp_path) as server:
        yield server


async def take(counters, limits):
    while True:
        try:
            return counters.take(limits)
        except NotYetError as wait:
            await wait.resume()


def counters(server, **facts):
    return SharedCounters(server.url, Shared(b"k" * 32, **facts).take_here)


def test_gateways_give_away_one_quota_together(redis):
    async def scenario():
        both = [counters(redis), counters(redis)]
        limits = (Limit("a", 50, 3600, 50),)
        taken = await asyncio.gather(*(take(both[n % 2], limits) for n in range(120)))
        assert sum(answer[0].allowed for answer in taken) == 50
        refused = next(answer[0] for answer in taken if not answer[0].allowed)
        assert 0 < refused.retry_seconds <= 72
        for each in both:
            await each.close()

    asyncio.run(scenario())


def test_all_limits_are_taken_or_none(redis):
    async def scenario():
        one = counters(redis)
        wide, narrow = Limit("wide", 100, 3600, 100), Limit("narrow", 1, 3600, 1)
        assert [t.allowed for t in await take(one, (wide, narrow))] == [True, True]
        for _ in range(5):
            assert [t.allowed for t in await take(one, (wide, narrow))] == [True, False]
        (left,) = await take(one, (wide,))
        assert left.remaining == 98
        await one.close()

    asyncio.run(scenario())


def test_a_calendar_quota_is_counted_until_its_period_ends(redis):
    async def scenario():
        both = [counters(redis), counters(redis)]
        until = time.time() + 1.2
        month = Limit("month", 5, 86_400, 5, 2, "local", until)
        taken = [(await take(both[n % 2], (month,)))[0] for n in range(4)]
        assert [(t.allowed, t.remaining) for t in taken] == [
            (True, 3),
            (True, 1),
            (False, 1),
            (False, 1),
        ]
        assert 0 < taken[2].retry_seconds <= 1.2
        await asyncio.sleep(taken[2].retry_seconds + 0.05)
        anew = month._replace(until=until + 60)
        assert (await take(both[0], (anew,)))[0].remaining == 3, "the old count has gone"
        for each in both:
            await each.close()

    asyncio.run(scenario())


def test_a_costly_call_and_memory_say_the_same(redis):
    async def scenario():
        one, here = counters(redis), Shared(b"k" * 32)
        limits = (Limit("c", 10, 3600, 10, 3),)
        for _ in range(5):
            ours, theirs = here.take_here(limits)[0], (await take(one, limits))[0]
            assert (ours.allowed, ours.remaining) == (theirs.allowed, theirs.remaining)
            assert abs(ours.reset_seconds - theirs.reset_seconds) < 5
        await one.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(("away", "allowed"), [("local", 2), ("open", 5)])
def test_without_the_server_the_limit_says_what_happens(redis, away, allowed):
    async def scenario():
        one = counters(redis)
        limits = (Limit("d", 2, 3600, 2, away=away),)
        redis.kill()
        taken = [(await take(one, limits))[0].allowed for _ in range(5)]
        assert sum(taken) == allowed
        await one.close()

    asyncio.run(scenario())


def test_a_closed_limit_refuses_without_the_server_and_works_again_with_it(redis):
    async def scenario():
        one = counters(redis)
        limits = (Limit("e", 2, 3600, 2, away="closed"),)
        assert (await take(one, limits))[0].allowed
        redis.kill()
        with pytest.raises(TreatyError) as refused:
            await take(one, limits)
        assert refused.value.problem.type.slug == "limits-away"
        redis.start()
        one._rests_until = 0.0
        assert (await take(one, limits))[0].allowed
        await one.close()

    asyncio.run(scenario())


def test_a_gateway_counts_there_and_lives_without_it(run, redis):
    async def test(running):
        gateway = running.gateway
        gateway._share(redis.url)
        replies = await asyncio.gather(*(running.call() for _ in range(8)))
        assert sorted(reply.status for reply in replies) == [200] * 5 + [429] * 3
        assert all("ratelimit" in reply.headers for reply in replies)
        redis.kill()
        replies = [(await running.call()).status for _ in range(6)]
        assert replies == [200] * 5 + [429]
        redis.start()
        gateway._counters._rests_until = 0.0
        assert (await running.call()).status == 200
        await until(lambda: True)

    run(UP, test, quota=5)
