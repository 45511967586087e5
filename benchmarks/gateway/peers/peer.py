"""What a gateway under test is: how it starts, and what it claims to enforce."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.gateway.processes import Running
from benchmarks.gateway.world import Keys

TOKEN, SCOPE, LIMIT, MASK, HEADERS = "token", "scope", "limit", "mask", "headers"
EVERYTHING = frozenset({TOKEN, SCOPE, LIMIT, MASK, HEADERS})


@dataclass(frozen=True)
class Setting:
    """What a peer starts in: its own empty folder, the upstream, cores and workers."""

    folder: Path
    upstream_port: int
    keys: Keys
    cores: frozenset[int]
    workers: int = 1


@dataclass(frozen=True)
class Peer:
    """A gateway by name; `start` raises `RuntimeError` where it does not come up."""

    name: str
    claims: frozenset[str]
    start: Callable[[Setting], Running]
    notes: str = field(default="")
