"""Replies to keyed writes in Redis or Valkey, so that a key counts once among all gateways.

Implements `policies.stores.Store` for `idempotency`. Looking and reserving are one script; the rule
asks, the gateway awaits the script, and the rule asks anew (`NotYetError`).
"""

import asyncio
import base64
import logging
import time
from collections import OrderedDict
from functools import partial
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts import catalog
from contracts.errors import TreatyError
from policies.exchange import NotYetError
from policies.stores import Kept

_PREFIX = "treaty:reply:"
_TIMEOUT_SECONDS = 0.5
# How long a key stays taken when the gateway that took it has died.
_RESERVED_MS = 300_000
_MAX_WAITING = 10_000
# One look at both: what is kept, and who has taken the key.
_LOOK = "return {redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or ''}"
_RESERVE = """
local kept = redis.call('GET', KEYS[1])
if kept then return {kept, ''} end
local holder = redis.call('GET', KEYS[2])
if holder then return {'', holder} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {'', ''}
"""


class SharedReplies:
    """One store for all gateways. While the server is away no keyed write is carried out."""

    def __init__(self, url: str) -> None:
        """Take the URL of the server."""
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
        )
        self._looked: OrderedDict[str, Kept | None] = OrderedDict()
        self._taken: OrderedDict[tuple[str, bytes], bytes | None] = OrderedDict()
        self._orders: asyncio.Queue[tuple[str, tuple[str | bytes | int, ...]]] = asyncio.Queue(
            _MAX_WAITING
        )
        # What was ordered and is not written yet: this gateway knows it already.
        self._unwritten: dict[str, Kept] = {}
        self._writer: asyncio.Task[None] | None = None
        self._log = logging.getLogger("gateway")

    def get(self, key: str, now: float) -> Kept | None:
        """Return the reply that still counts. Raises `NotYetError` at the first asking."""
        unwritten = self._unwritten.get(key)
        if unwritten is not None:
            return unwritten
        if key not in self._looked:
            raise NotYetError(partial(self._look, key))
        kept = self._looked[key]
        if kept is not None:
            del self._looked[key]
        return None if kept is None or kept.until <= now else kept

    def reserve(self, key: str, mark: bytes) -> bytes | None:
        """Take a key, or return its holder's mark. Raises `NotYetError` at the first asking.

        Calls of one key and mark that wait together asked the same question: one of them has the key.
        """
        if (key, mark) not in self._taken:
            raise NotYetError(partial(self._reserve, key, mark))
        self._looked.pop(key, None)
        return self._taken.pop((key, mark))

    def put(self, key: str, kept: Kept) -> None:
        """Keep a reply; it is written in the background, before the key is let go."""
        left = max(1, round((kept.until - kept.at) * 1000))
        self._unwritten[key] = kept
        self._order(key, "SET", f"{_PREFIX}{key}", _written(kept), "PX", left)

    def release(self, key: str) -> None:
        """Let go of a key that was taken."""
        self._order(key, "DEL", f"{_PREFIX}{key}:taken")

    # the server

    async def _look(self, key: str) -> None:
        kept, _ = await self._ask(_LOOK, key)
        self._remember(self._looked, key, _read(kept))

    async def _reserve(self, key: str, mark: bytes) -> None:
        kept, holder = await self._ask(_RESERVE, key, mark, _RESERVED_MS)
        if kept:
            # It was kept a moment ago: the rule's first look finds it when it asks anew.
            self._remember(self._looked, key, _read(kept))
            return
        # Whoever of the waiting calls comes next has the key: another answer must not cover that.
        if self._taken.get((key, mark), holder) is not None:
            self._remember(self._taken, (key, mark), holder or None)

    async def _ask(self, script: str, key: str, *facts: bytes | int) -> tuple[bytes, bytes]:
        """Ask the server. Raises `TreatyError` (limits-away)."""
        try:
            name = f"{_PREFIX}{key}"
            found: Any = await self._redis.eval(script, 2, name, f"{name}:taken", *facts)
        except (RedisError, OSError, TimeoutError):
            sentence = "The shared replies are away; a write that must count once is not sent."
            raise TreatyError(catalog.LIMITS_AWAY, sentence) from None
        return bytes(found[0]), bytes(found[1])

    def _remember(self, answers: "OrderedDict[Any, Any]", key: object, answer: object) -> None:
        answers[key] = answer
        if len(answers) > _MAX_WAITING:
            answers.popitem(last=False)  # whoever had asked is gone

    def _order(self, key: str, *command: str | bytes | int) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())
        try:
            self._orders.put_nowait((key, command))
        except asyncio.QueueFull:
            # The key stays taken for a while: nothing is carried out twice.
            self._unwritten.pop(key, None)
            self._log.warning("the shared replies are slow; a reply was not kept")

    async def _write(self) -> None:
        while True:
            key, command = await self._orders.get()
            until = time.monotonic() + _RESERVED_MS / 1000
            try:
                while not await self._written(command) and time.monotonic() < until:  # noqa: ASYNC110  # nobody tells when it is back
                    await asyncio.sleep(_TIMEOUT_SECONDS)  # the server is away
            finally:
                if command[0] == "SET":
                    self._unwritten.pop(key, None)
                self._orders.task_done()

    async def _written(self, command: tuple[str | bytes | int, ...]) -> bool:
        try:
            await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]  # the driver leaves it untyped
        except (RedisError, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Write what was ordered, and close the connections."""
        if self._writer is not None:
            try:
                await asyncio.wait_for(self._orders.join(), _TIMEOUT_SECONDS)
            except TimeoutError:
                self._log.warning("the shared replies are away; some were not kept")
            self._writer.cancel()
        await self._redis.aclose()


def _written(kept: Kept) -> bytes:
    facts = {
        "mark": base64.b64encode(kept.mark).decode(), "status": kept.status, "fields": kept.fields,
        "at": kept.at, "until": kept.until,
    }  # fmt: skip
    return orjson.dumps(facts) + b"\n" + kept.body


def _read(text: bytes) -> Kept | None:
    if not text:
        return None
    head, _, body = text.partition(b"\n")
    facts = orjson.loads(head)
    fields = tuple((str(name), str(value)) for name, value in facts["fields"])
    mark = base64.b64decode(facts["mark"])
    return Kept(mark, facts["status"], fields, body, facts["at"], facts["until"])
