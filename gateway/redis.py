"""Limits counted in Redis or Valkey, so that all gateways give away one quota together.

One script takes all limits of a call or none of them. Enforcers stay synchronous: a first asking
raises `NotYetError`, the gateway awaits the script, and the second asking finds the answer.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from contracts import catalog
from contracts.errors import TreatyError
from policies.exchange import Limit, NotYetError, Taken

Take = Callable[[Sequence[Limit]], Sequence[Taken]]

_PREFIX = "treaty:limit:"
_TIMEOUT_SECONDS = 0.5
_REST_SECONDS = 1.0  # how long Redis is left alone after a failure
# The cell rate algorithm of policies.gcra, in integers of a microsecond by the server's clock: what
# all gateways agree upon; calendar quotas are counts. A key lives until its quota is whole again.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local states, fits = {}, 1
for i, key in ipairs(KEYS) do
  local interval, burst, cost = tonumber(ARGV[i * 4 - 3]), tonumber(ARGV[i * 4 - 2]), tonumber(ARGV[i * 4 - 1])
  local known, ends = tonumber(redis.call('GET', key) or '0'), tonumber(ARGV[i * 4])
  if ends > 0 then
    local left = math.max(1, ends - now)
    if known + cost > burst then
      fits = 0
      states[i] = {0, math.max(0, burst - known), left, left, known, left}
    else
      states[i] = {1, burst - known - cost, left, 0, known + cost, left}
    end
  else
    local start = math.max(known, now)
    local after, tolerance = start + interval * cost, interval * burst
    if after - now > tolerance + 1 then
      fits = 0
      states[i] = {0, math.max(0, math.floor((tolerance - (start - now)) / interval + 0.000001)),
                   start - now, after - now - tolerance, 0, 0}
    else
      states[i] = {1, math.floor((tolerance - (after - now)) / interval + 0.000001), after - now, 0, after, after - now}
    end
  end
end
if fits == 1 then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', states[i][5]), 'PX', math.ceil(states[i][6] / 1000) + 1)
  end
end
local answer = {}
for i, state in ipairs(states) do
  for part = 1, 4 do answer[#answer + 1] = string.format('%.0f', state[part]) end
end
return answer
"""
_PARTS = 4
_MICRO = 1_000_000


class SharedCounters:
    """Answers `Ports.take` from one server; what happens while it is away, each limit says."""

    def __init__(self, url: str, local: Take) -> None:
        """Take the URL of the server, and the counters in memory that stand in for it."""
        self._local = local
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
        )
        self._digest = ""
        self._ready: dict[tuple[str, ...], deque[Sequence[Taken]]] = {}
        self._rests_until = 0.0
        self._log = logging.getLogger("gateway")

    def take(self, limits: Sequence[Limit]) -> Sequence[Taken]:
        """Return what the call got. Raises `NotYetError` at the first asking.

        Answers are kept by the keys they are about: calls of one caller that wait together have
        asked the same question, so whichever comes first takes the next answer.
        """
        keys = tuple([limit.key for limit in limits])
        ready = self._ready.get(keys)
        if ready is None:
            raise NotYetError(partial(self._ask, keys, tuple(limits)))
        answer = ready.popleft()
        if not ready:
            del self._ready[keys]
        return answer

    async def _ask(self, keys: tuple[str, ...], limits: tuple[Limit, ...]) -> None:
        """Ask the server. Raises `TreatyError` (limits-away) where a limit fails closed."""
        try:
            answer = await self._asked(limits)
        except (RedisError, OSError, TimeoutError, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError):
                raise
            answer = self._without(limits, error)
        self._ready.setdefault(keys, deque()).append(answer)

    async def _asked(self, limits: tuple[Limit, ...]) -> Sequence[Taken]:
        if time.monotonic() < self._rests_until:
            raise TimeoutError
        facts: list[Any] = [f"{_PREFIX}{limit.key}" for limit in limits]
        for limit in limits:
            interval = max(1, round(limit.window_seconds * _MICRO / limit.quota))
            facts += [interval, limit.burst, limit.cost, round(limit.until * _MICRO)]
        try:
            found = await self._redis.evalsha(await self._script(), len(limits), *facts)
        except NoScriptError:
            self._digest = ""  # the server has been restarted
            found = await self._redis.evalsha(await self._script(), len(limits), *facts)
        numbers = [int(part) for part in found]
        return [
            Taken(bool(allowed), remaining, reset / _MICRO, retry / _MICRO)
            for allowed, remaining, reset, retry in zip(
                *(numbers[part::_PARTS] for part in range(_PARTS)), strict=True
            )
        ]

    async def _script(self) -> str:
        if not self._digest:
            self._digest = str(await self._redis.script_load(_SCRIPT))
        return self._digest

    def _without(self, limits: tuple[Limit, ...], error: Exception) -> Sequence[Taken]:
        """Return the answer while the server is away, as the strictest of the limits says."""
        if time.monotonic() >= self._rests_until:
            self._log.warning("the shared counters are away (%s)", type(error).__name__)
        self._rests_until = time.monotonic() + _REST_SECONDS
        away = {limit.away for limit in limits}
        if "closed" in away:
            sentence = "The shared counters are away, and this limit holds without them too."
            raise TreatyError(catalog.LIMITS_AWAY, sentence)
        if "local" in away:
            return self._local(limits)
        return [Taken(True, limit.burst, 0.0, 0.0) for limit in limits]

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
