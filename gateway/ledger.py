"""What was decided, delivered to the registry in batches; spooled to disk while it is away."""

import asyncio
import json
import logging
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.pacing import Backoff, RegistryAwayError, pause
from gateway.spool import Entries, Spool
from policies.exchange import Exchange

if TYPE_CHECKING:
    from gateway.control import Registry


Deliver = Callable[[str, Entries], Awaitable[bool]]

_MAX_FILE_BYTES = 64 * 1024 * 1024
_FLUSH_SECONDS = 1.0
_BATCH = 500
_MAX_PENDING = 10_000
_KEPT_OUTCOMES = frozenset({"denied", "transformed", "answered"})
_KEPT_KINDS = frozenset({"canary"})  # it says where the call went
# The registry is not at fault with these: the token may be rotated, the load may pass.
_RETRIED = frozenset({401, 403, 404, 408, 425, 429})
_SERVER_ERROR = 500
_CLIENT_ERROR = 400


class _Calls:
    """Calls of one second that ended alike: the first one's id, and how many and how long."""

    __slots__ = ("at", "count", "exchange", "seconds", "status")

    def __init__(self, exchange: Exchange, status: int, at: float) -> None:
        self.exchange = exchange
        self.status = status
        self.at = at
        self.count = 0
        self.seconds = 0.0

    def entry(self) -> dict[str, object]:
        """Return the ledger entry. Only decisions that did something; the mean duration."""
        exchange = self.exchange
        at = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return {
            "at": at.replace("+00:00", "Z"),
            "request_id": exchange.request_id,
            "application": exchange.application,
            "contract": exchange.contract.contract,
            "version": exchange.contract.version,
            "operation": exchange.operation.name,
            "method": exchange.method,
            "status": self.status,
            "duration_ms": round(self.seconds * 1000 / self.count, 3),
            "count": self.count,
            "decisions": [
                {
                    "kind": decision.kind,
                    "outcome": decision.outcome,
                    "reason": decision.reason,
                    "policy": decision.source.policy,
                    "enforced": decision.enforced,
                }
                for decision in exchange.decisions
                if decision.outcome in _KEPT_OUTCOMES
                or not decision.enforced
                or decision.kind in _KEPT_KINDS
            ],
        }


class Ledger:
    """Takes entries at once, delivers them in the background; bounded in memory and on disk."""

    def __init__(self, deliver: Deliver, folder: Path) -> None:
        self._deliver = deliver
        self._spool = Spool(folder, _BATCH)
        self._alike: dict[tuple[object, ...], _Calls] = {}
        self._pending: Entries = []
        self._full = asyncio.Event()
        self._backoff = Backoff(_FLUSH_SECONDS)
        self._retry_at = 0.0
        self.dropped = 0

    def add(self, exchange: Exchange, status: int, seconds: float) -> None:
        """Count the call with those that end alike until the next delivery."""
        key = (
            id(exchange.operation),
            exchange.application,
            status,
            *map(id, exchange.decisions),
        )
        calls = self._alike.get(key)
        if calls is None:
            if len(self._alike) >= _MAX_PENDING:
                self.dropped += 1
                return
            # It holds the exchange, so no id of the key is used again before the delivery.
            calls = self._alike[key] = _Calls(exchange, status, time.time())
            if len(self._alike) >= _BATCH:
                self._full.set()
        calls.count += 1
        calls.seconds += seconds

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver every second or 500 entries until `stop` is set."""
        while not stop.is_set():
            await pause(self._full, _FLUSH_SECONDS)
            self._full.clear()
            await self.flush()

    async def flush(self) -> None:
        """Deliver or spool what is pending; resend what is spooled, oldest first."""
        alike, self._alike = self._alike, {}
        self._pending += [calls.entry() for calls in alike.values()]
        while self._pending:
            batch, self._pending = self._pending[:_BATCH], self._pending[_BATCH:]
            name = uuid.uuid4().hex
            if self._spool.empty and await self._deliver(name, batch):
                continue
            fresh = self._spool.empty
            self.dropped += await asyncio.to_thread(self._spool.add, name, batch, sent=fresh)
        await self._resend()

    async def _resend(self) -> None:
        if asyncio.get_running_loop().time() < self._retry_at:
            return
        while (oldest := await asyncio.to_thread(self._spool.oldest)) is not None:
            name, batch = oldest
            if not await self._deliver(name, batch):
                self._retry_at = asyncio.get_running_loop().time() + self._backoff.seconds()
                return
            await asyncio.to_thread(self._spool.remove, name)
        self._backoff.reset()


class ToRegistry:
    """Delivers batches to the registry."""

    def __init__(self, gateway: str, registry: "Registry") -> None:
        self._gateway = gateway
        self._registry = registry
        self.refused = 0

    async def __call__(self, name: str, batch: Entries) -> bool:
        """Return whether the batch is off our hands: accepted, or refused for good."""
        body = {"gateway": self._gateway, "batch_id": name, "entries": batch}
        try:
            answer = await self._registry.call("POST", "/v1/ledger", body=body)
        except RegistryAwayError:
            return False
        if answer.status >= _SERVER_ERROR or answer.status in _RETRIED:
            return False
        if answer.status >= _CLIENT_ERROR:
            self.refused += len(batch)
            logging.getLogger("gateway").error(
                "the registry refused a ledger batch: status %d", answer.status
            )
        return True


class ToFile:
    """Appends entries to `ledger.jsonl`, and keeps one older file: bounded on disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ledger.jsonl"

    async def __call__(self, name: str, batch: Entries) -> bool:
        """Return whether the batch was written."""
        del name
        try:
            await asyncio.to_thread(self._append, batch)
        except OSError:
            return False
        return True

    def _append(self, batch: Entries) -> None:
        path = self._path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MAX_FILE_BYTES:
            path.replace(path.with_suffix(".1.jsonl"))
        text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in batch)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(text.encode())
