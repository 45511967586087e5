"""Processes under test: started pinned to cores, read through /proc, ended by their own id."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_UP_SECONDS, _STOP_SECONDS = 60.0, 10.0
_PROC = Path("/proc")
# proc(5): what follows the name in brackets; state is the first.
_PARENT, _UTIME, _STIME = 1, 11, 12


@dataclass(frozen=True)
class Stat:
    """What /proc/<pid>/stat says of a process."""

    parent: int
    ticks: int  # user and system time, in clock ticks


def parse_stat(text: str) -> Stat:
    """Return the parts we use; the name in brackets may hold spaces and brackets."""
    fields = text.rpartition(")")[2].split()
    return Stat(int(fields[_PARENT]), int(fields[_UTIME]) + int(fields[_STIME]))


def parse_rss(text: str) -> int:
    """Return the resident kilobytes in a /proc/<pid>/status, 0 where there are none."""
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def descendants(root: int, parents: Mapping[int, int]) -> set[int]:
    """Return `root` and everything below it; `parents` maps a process to its parent."""
    found, added = {root}, True
    while added:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        added = bool(more)
    return found


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def pinned(command: Sequence[str], cores: Iterable[int]) -> list[str]:
    """Return the command bound to `cores`, or as it is where nothing can bind it."""
    wanted = sorted(set(cores) & os.sched_getaffinity(0))
    if not wanted or shutil.which("taskset") is None:
        return list(command)
    return ["taskset", "-c", ",".join(map(str, wanted)), *command]


class Running:
    """A started process with all its children; ends them on `stop`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        cores: Iterable[int],
        environment: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
    ) -> None:
        self.port, self.log = port, log
        with log.open("wb") as stderr:
            self._process = subprocess.Popen(
                pinned(command, cores), env={**os.environ, **environment}, cwd=cwd,
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
            )  # fmt: skip

    def wait_until_up(self) -> None:
        """Return when the port takes connections; raises `RuntimeError` with the log's end."""
        ends = time.monotonic() + _UP_SECONDS
        while time.monotonic() < ends and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise RuntimeError(f"it did not come up: {self.log.read_text(errors='replace')[-800:]}")

    def cpu_seconds(self) -> float:
        """Return user and system time of the whole tree so far."""
        ticks = sum(stat.ticks for stat in self._stats())
        return ticks / os.sysconf("SC_CLK_TCK")

    def rss_kb(self) -> int:
        """Return the resident memory of the whole tree, in kilobytes."""
        return sum(parse_rss(text) for text in _read(self._pids(), "status"))

    def stop(self) -> None:
        """End it: politely, then for good."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _pids(self) -> set[int]:
        everyone = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
        parents = {}
        for pid in everyone:
            for text in _read([pid], "stat"):
                parents[pid] = parse_stat(text).parent
        return descendants(self._process.pid, parents)

    def _stats(self) -> Iterator[Stat]:
        return map(parse_stat, _read(self._pids(), "stat"))


def _read(pids: Iterable[int], name: str) -> Iterator[str]:
    for pid in pids:
        try:
            yield (_PROC / str(pid) / name).read_text(errors="replace")
        except OSError:
            continue  # it ended in between
