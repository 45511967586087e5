"""Where the runtime comes from: the registry's snapshot, or the last good one on disk.

A new runtime is built whole and then swapped in by one assignment; what cannot be trusted or
built is refused, reported by heartbeat, and the old runtime goes on serving.
"""

import asyncio
import gc
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from contracts import catalog
from contracts.errors import TreatyError
from gateway.files import write_whole
from gateway.pacing import Backoff, RegistryAwayError, pause
from gateway.ports import Shared
from gateway.runtime import Runtime, build
from gateway.settings import Settings
from policies.snapshot import Snapshot, read

if TYPE_CHECKING:
    from gateway.control import Registry


_HEARTBEAT_SECONDS = 30.0
_FILE_SECONDS = 0.25
_SWITCH_SECONDS = 0.001
_OK, _UNCHANGED = 200, 304


def rfc3339() -> str:
    """Return the current time in UTC (RFC 3339)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Build a large runtime without the collector, which would walk it again and again.

    What is there afterwards lives until the next swap: it is kept out of later collections, so
    that none of them holds up a call. A thread that waits for the lock gets it every millisecond.
    """
    interval = sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.enable()
        gc.unfreeze()
        gc.freeze()


class Live:
    """Holds the live runtime, and says what it is."""

    runtime: Runtime | None = None
    since: str | None = None
    refused: dict[str, str] | None = None

    def __init__(self, settings: Settings, shared: Shared) -> None:
        self._settings = settings
        self._shared = shared
        self._log = logging.getLogger("gateway")

    @property
    def digest(self) -> str | None:
        """Return the digest of the live snapshot."""
        return None if self.runtime is None else self.runtime.snapshot.digest

    def _swap(self, text: bytes, whence: str) -> bool:
        """Build the runtime beside the live one, swap, and return whether there was anything new.

        Raises `TreatyError` (snapshot-rejected); the live one then serves on. Runs beside calls in
        a thread of its own: the swap itself is one assignment.
        """
        with _undisturbed():
            snapshot = read(text)
            self._check(snapshot)
            if snapshot.digest == self.digest:
                return False
            self.runtime = build(snapshot, self._shared)
        self.since = rfc3339()
        self._log.info("snapshot %s from %s is live", snapshot.digest, whence)
        return True

    def _check(self, snapshot: Snapshot) -> None:
        """Raise `TreatyError` for a snapshot that is not meant for this gateway."""

    def as_json(self) -> bytes:
        """Return the state for `/-/snapshot`."""
        contracts = [] if self.runtime is None else self.runtime.snapshot.contracts
        state = {
            "environment": self.runtime.snapshot.environment if self.runtime else None,
            "snapshot_digest": self.digest,
            "since": self.since,
            "refused": self.refused,
            "contracts": [
                {"contract": plan.contract, "version": plan.version, "base_path": plan.base_path}
                for plan in contracts
            ],
            "issuers": self._shared.trust.keys.state(),
        }
        return json.dumps(state).encode()


class FileSource(Live):
    """Keeps the runtime in step with a file that is replaced atomically."""

    def __init__(self, settings: Settings, shared: Shared, path: Path) -> None:
        super().__init__(settings, shared)
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    def start(self) -> None:
        """Take the file. Raises `TreatyError` or `OSError`: there is nothing else to serve."""
        self._seen = self._stamp()
        self._swap(self._path.read_bytes(), str(self._path))

    async def run(self, stop: asyncio.Event) -> None:
        """Look for a new file until `stop` is set; a bad one is refused once, the old one serves."""
        while not stop.is_set():
            await pause(stop, _FILE_SECONDS)
            try:
                stamp = self._stamp()
                if stamp == self._seen:
                    continue
                self._seen = stamp
                text = await asyncio.to_thread(self._path.read_bytes)
                await asyncio.to_thread(self._swap, text, str(self._path))
                self.refused = None
            except (OSError, TreatyError) as error:
                self.refused = {"digest": "", "reason": _reason(error)}
                self._log.warning("%s is not taken: %s", self._path, _reason(error))

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return self._seen  # away for a moment, or for good: the live one serves on
        return found.st_ino, found.st_mtime_ns, found.st_size


class Source(Live):
    """Keeps the runtime in step with the registry; the last good snapshot is on disk."""

    def __init__(self, settings: Settings, registry: "Registry", shared: Shared) -> None:
        super().__init__(settings, shared)
        self._registry = registry
        self._file: Path = settings.data_dir / f"snapshot-{settings.environment}.json"
        self._etag = ""
        self._reported: object = None
        self._reported_at = 0.0

    def start(self) -> None:
        """Take the last good snapshot, where there is one; refuse it like any other."""
        try:
            self._swap(self._file.read_bytes(), "the file")
        except FileNotFoundError:
            return
        except (OSError, TreatyError) as error:
            self._log.warning("the last good snapshot is not usable: %s", _reason(error))

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set."""
        backoff = Backoff(self._settings.poll_seconds)
        while not stop.is_set():
            wait = self._settings.poll_seconds
            try:
                await self._poll()
                backoff.reset()
            except (RegistryAwayError, TreatyError, OSError) as error:
                wait = backoff.seconds()
                self._log.warning("no new snapshot: %s; next try in %.1f s", _reason(error), wait)
            await self._heartbeat()
            await pause(stop, wait)

    async def _poll(self) -> None:
        path = f"/v1/environments/{self._settings.environment}/snapshot"
        known = {"If-None-Match": self._etag} if self._etag else {}
        answer = await self._registry.call("GET", path, headers=known)
        if answer.status == _UNCHANGED:
            # What was refused in between has been taken back.
            self.refused = None
            return
        if answer.status != _OK:
            raise RegistryAwayError(f"status {answer.status}")
        etag = answer.headers.get("ETag", "")
        try:
            taken = await asyncio.to_thread(self._swap, answer.body, "the registry")
        except TreatyError as error:
            digest = etag.removeprefix("W/").strip('"')
            self.refused = {"digest": digest, "reason": _reason(error)}
            raise
        self.refused, self._etag = None, etag
        if taken:
            await asyncio.to_thread(write_whole, self._file, answer.body)

    def _check(self, snapshot: Snapshot) -> None:
        if snapshot.environment != self._settings.environment:
            sentence = "The snapshot is for another environment."
            raise TreatyError(catalog.SNAPSHOT_REJECTED, sentence)

    async def _heartbeat(self) -> None:
        """Report on change and every 30 seconds; a registry that is away misses it."""
        state = {
            "environment": self._settings.environment,
            "snapshot_digest": self.digest,
            "since": self.since,
            "refused": self.refused,
        }
        fresh = time.monotonic() - self._reported_at < _HEARTBEAT_SECONDS
        if self.digest is None and self.refused is None:
            return
        if state == self._reported and fresh:
            return
        try:
            path = f"/v1/gateways/{self._settings.name}"
            answer = await self._registry.call("PUT", path, body=state)
        except RegistryAwayError:
            return
        if answer.status < 300:  # noqa: PLR2004  # the success class
            self._reported, self._reported_at = state, time.monotonic()


def _reason(error: Exception) -> str:
    if isinstance(error, TreatyError):
        return error.problem.detail
    if isinstance(error, RegistryAwayError):
        return f"the registry is away ({error})"
    return type(error).__name__
