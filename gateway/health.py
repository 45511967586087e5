"""Active health checks: asks each address of the live snapshot in the background, at its interval."""

import asyncio
import random
import re
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.addresses import Address, Addresses
from policies.routing import Health
from policies.snapshot import Snapshot

_LOOK_SECONDS = 0.05
_MAX_LINE = 8_192
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_GOOD = range(200, 400)
_PORTS = {"http": 80, "https": 443}
_MAX_AT_ONCE = 100


class Check(NamedTuple):
    """One address and how it is asked."""

    url: str
    health: Health


def checks_of(snapshot: Snapshot) -> tuple[Check, ...]:
    """Return what is to be checked, each address and path once."""
    found = {
        (url, routing.health.path): Check(url, routing.health)
        for plan in snapshot.contracts
        for routing in (plan.routing,)
        if routing is not None and routing.health is not None
        for url in (plan.upstream, *(each.rstrip("/") for each in routing.addresses))
    }
    return tuple(found.values())


class HealthChecks:
    """Runs the checks; `live` returns those of the snapshot that serves now."""

    def __init__(self, addresses: Addresses, live: Callable[[], Iterable[Check]]) -> None:
        self._addresses = addresses
        self._live = live
        self._due: dict[tuple[str, str], float] = {}
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Check until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._start(loop)
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            for task in self._running.values():
                task.cancel()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        now, live = loop.time(), {(c.url, c.health.path): c for c in self._live()}
        self._due = {key: at for key, at in self._due.items() if key in live}
        for key, check in live.items():
            if key in self._running or self._due.get(key, 0.0) > now:
                continue
            if len(self._running) >= _MAX_AT_ONCE:
                return
            # Not all gateways at the same moment.
            spread = random.uniform(0.9, 1.1)  # noqa: S311  # spreads load; nothing secret
            self._due[key] = now + check.health.interval_seconds * spread
            task = self._running[key] = loop.create_task(self._check(check))
            task.add_done_callback(partial(self._done, key))

    def _done(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        del task
        self._running.pop(key, None)

    async def _check(self, check: Check) -> None:
        address: Address = self._addresses.get(check.url)
        try:
            async with asyncio.timeout(check.health.timeout_seconds):
                good = await _asked(check)
        except (OSError, ssl.SSLError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            good = False
        address.heard(good=good, health=check.health)


async def _asked(check: Check) -> bool:
    """Return whether the address answers with 2xx or 3xx; only the status line is read."""
    parts = urlsplit(check.url)
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        parts.hostname or "", parts.port or _PORTS[parts.scheme], ssl=tls, limit=_MAX_LINE
    )
    try:
        head = f"GET {check.health.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        writer.write(f"{head}User-Agent: treaty\r\nConnection: close\r\n\r\n".encode("ascii"))
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            return False
        match = _STATUS.match(line)
        return match is not None and int(match[1]) in _GOOD
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
