"""Puts load on a running gateway from a process of its own and reads the gateway's CPU over it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway import world
from benchmarks.gateway.figures import Figures, percentile
from benchmarks.gateway.processes import Running, pinned
from benchmarks.gateway.programs import ROOT, Tree

_WRK_SCRIPT = Path(__file__).with_name("wrk.lua")
_SPARE_SECONDS = 60.0
_UNBOUNDED = 10**9


@dataclass(frozen=True)
class Loader:
    """How load is made: wrk where it is at hand, our own loader for what wrk cannot do."""

    wrk: Tree | None
    folder: Path
    cores: frozenset[int]

    @property
    def name(self) -> str:
        return "our own loader" if self.wrk is None else "wrk"

    def saturate(self, running: Running, path: str, bearer: str, seconds: float) -> Figures:
        """Return the figures of calls made as fast as the answers come."""
        if self.wrk is None:
            return self._own(running, [world.request(path, bearer).decode()], seconds=seconds)
        command = [
            str(self.wrk.wrk), "-t1", f"-c{world.CONNECTIONS}", f"-d{seconds:.0f}s",
            "-s", str(_WRK_SCRIPT), "-H", f"Authorization: Bearer {bearer}",
            f"http://127.0.0.1:{running.port}{world.BASE_PATH}{path}",
        ]  # fmt: skip
        before = running.cpu_seconds()
        out = self._run(command, self.wrk.environment, seconds)
        used = running.cpu_seconds() - before
        found = json.loads(out.strip().splitlines()[-1])
        calls = max(1, found["requests"])
        return Figures(
            calls / found["seconds"], used / calls * 1e6, found["p50_ms"], found["p99_ms"],
            running.rss_kb() / 1024, found["failures"],
        )  # fmt: skip

    def at_rate(
        self, running: Running, path: str, bearer: str, *, rate: float, seconds: float
    ) -> Figures:
        """Return the figures of calls that are due at a fixed rate per second."""
        request = world.request(path, bearer).decode()
        return self._own(running, [request], seconds=seconds, rate=rate)

    def once_each(self, running: Running, path: str, tokens: Sequence[str]) -> Figures:
        """Return the figures of one call per token."""
        requests = [world.request(path, bearer).decode() for bearer in tokens]
        return self._own(running, requests, count=len(requests), seconds=_SPARE_SECONDS / 2)

    def _own(
        self,
        running: Running,
        requests: list[str],
        *,
        seconds: float,
        count: int = _UNBOUNDED,
        rate: float = 0.0,
    ) -> Figures:
        plan = {
            "port": running.port, "connections": world.CONNECTIONS, "requests": requests,
            "count": count, "seconds": seconds, "rate": rate,
        }  # fmt: skip
        file = self.folder / "load.json"
        file.write_text(json.dumps(plan))
        before = running.cpu_seconds()
        command = [sys.executable, "-m", "benchmarks.gateway.loader", str(file)]
        found = json.loads(self._run(command, {"PYTHONPATH": str(ROOT)}, seconds))
        used = running.cpu_seconds() - before
        ordered = sorted(found["latencies"])
        if not ordered:
            raise RuntimeError("no call was answered")
        return Figures(
            len(ordered) / found["elapsed"], used / len(ordered) * 1e6,
            percentile(ordered, 0.5) * 1e3, percentile(ordered, 0.99) * 1e3,
            running.rss_kb() / 1024, found["failures"],
        )  # fmt: skip

    def _run(self, command: list[str], environment: dict[str, str], seconds: float) -> str:
        done = subprocess.run(
            pinned(command, self.cores), env=environment, capture_output=True, text=True,
            check=False, timeout=seconds + _SPARE_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"the load tool failed: {done.stderr[-400:]}")
        return done.stdout
