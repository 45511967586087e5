"""Replies to keyed writes in a real Redis or Valkey: a key counts once among all gateways."""

import asyncio
import os

import pytest
from gateway_world import response, until
from redis_world import RedisServer, binary

from contracts.errors import TreatyError
from gateway.sharedreplies import SharedReplies
from policies.exchange import NotYetError
from policies.stores import Kept

NOW = 1_000.0
REPLY = Kept(
    b"mark", 201, (("Content-Type", "application/json"),), b'{"id":"\xc3\xa4"}\n', NOW, NOW + 60
)


@pytest.fixture
def redis(tmp_path):
    if binary() is None:
        assert os.environ.get("CI") != "true", "deploy/redis_server.py installs one"
        pytest.fail("no redis-server or valkey-server: sudo apt install redis-server")
    with RedisServer(tmp_path) as server:
        yield server


async def rule(store, key, mark):
    """Do as `idempotency` does: look, then reserve; begin anew after each wait."""
    while True:
        try:
            kept = store.get(key, NOW)
            return kept if kept is not None else store.reserve(key, mark)
        except NotYetError as wait:
            await wait.resume()


def test_one_of_many_has_the_key_and_all_get_its_reply(redis):
    async def scenario():
        stores = [SharedReplies(redis.url) for _ in range(3)]
        asked = await asyncio.gather(*(rule(stores[n % 3], "k", b"mark") for n in range(30)))
        assert asked.count(None) == 1
        assert asked.count(b"mark") == 29
        assert await rule(stores[1], "k", b"other") == b"mark"
        stores[0].put("k", REPLY)
        stores[0].release("k")
        assert await rule(stores[0], "k", b"mark") == REPLY, "known before it is written"
        await until(lambda: not stores[0]._unwritten)
        assert await rule(stores[2], "k", b"mark") == REPLY
        for store in stores:
            await store.close()

    asyncio.run(scenario())


def test_a_key_that_is_let_go_may_be_taken_again(redis):
    async def scenario():
        one, other = SharedReplies(redis.url), SharedReplies(redis.url)
        assert await rule(one, "k", b"a") is None
        one.release("k")
        await one._orders.join()
        assert await rule(other, "k", b"b") is None
        await one.close()
        await other.close()

    asyncio.run(scenario())


def test_what_was_ordered_is_written_before_the_end(redis):
    async def scenario():
        one, other = SharedReplies(redis.url), SharedReplies(redis.url)
        for n in range(50):
            one.put(str(n), REPLY)
        await one.close()
        assert [await rule(other, str(n), b"mark") for n in range(50)] == [REPLY] * 50
        await other.close()

    asyncio.run(scenario())


def test_nothing_is_carried_out_while_the_server_is_away(redis):
    async def scenario():
        one = SharedReplies(redis.url)
        redis.kill()
        with pytest.raises(TreatyError) as away:
            await rule(one, "k", b"a")
        assert away.value.problem.type.slug == "limits-away"
        redis.start()
        assert await rule(one, "k", b"a") is None
        redis.kill()
        one.put("k", REPLY)  # the call was carried out: its reply is kept when the server is back
        redis.start()
        await until(lambda: not one._unwritten, 10)
        other = SharedReplies(redis.url)
        assert await rule(other, "k", b"mark") == REPLY
        await one.close()
        await other.close()

    asyncio.run(scenario())


def test_gateways_carry_a_write_out_once(run, redis):
    count = [0]

    async def script(request, writer):
        count[0] += 1
        await asyncio.sleep(0.05)  # long enough for the others to come
        return response(201, b'{"project_id":"P-%d"}' % count[0], "Content-Type: application/json")

    def post(running):
        fields = ("Idempotency-Key: k", "Content-Type: application/json")
        return running.call("POST", "/projects", "writer", *fields, body=b'{"a":1}')

    async def test(running):
        running.gateway._share(redis.url)
        replies = await asyncio.gather(*(post(running) for _ in range(10)))
        assert sorted(reply.status for reply in replies) == [201] + [409] * 9
        # What another gateway knows is known here.
        running.gateway._replies._unwritten.clear()
        again = await post(running)
        assert (again.status, again.headers["idempotency-replayed"]) == (201, "true")
        redis.kill()
        running.gateway._replies._unwritten.clear()
        away = await post(running)
        assert (away.status, away.json()["type"].rpartition(":")[2]) == (503, "limits-away")
        redis.start()
        assert count == [1]
        await running.gateway._replies.close()

    run(script, test, policies=b"policy: once\nkind: idempotency\nspec: {keep: 1h}")
