"""The bench: one upstream, one load tool, and gateways that are started, checked and ended here."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from benchmarks.gateway import checks, treaty, upstream
from benchmarks.gateway.load import Loader
from benchmarks.gateway.peers import envoy, nginx
from benchmarks.gateway.peers.peer import Peer, Setting
from benchmarks.gateway.processes import Running
from benchmarks.gateway.programs import Programs
from benchmarks.gateway.world import Callers, Keys

# The gateway has a core to itself; upstream and load tool share the other one.
GATEWAY_CORES, OTHER_CORES = frozenset({0}), frozenset({1})
BOTH_CORES = GATEWAY_CORES | OTHER_CORES


class BrokenClaimError(Exception):
    """A gateway that does not enforce what it claims; the message says what."""


@dataclass
class Lab:
    """What all measurements share."""

    folder: Path
    upstream: Running
    keys: Keys
    callers: Callers
    loader: Loader
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def started(self, peer: Peer, *, workers: int = 1) -> Iterator[Running]:
        """Yield the gateway, up and checked; raises `BrokenClaimError` or `RuntimeError`."""
        folder = self.folder / f"peer-{next(self._numbers)}"
        folder.mkdir()
        cores = GATEWAY_CORES if workers == 1 else BOTH_CORES
        running = peer.start(Setting(folder, self.upstream.port, self.keys, cores, workers))
        try:
            running.wait_until_up()
            broken = checks.broken_claims(peer, running.port, self.callers, workers)
            if broken:
                raise BrokenClaimError("; ".join(broken))
            yield running
        finally:
            running.stop()

    @contextmanager
    def all_started(
        self, peers: Iterable[Peer], notes: list[str], *, workers: int = 1
    ) -> Iterator[dict[str, Running]]:
        """Yield the gateways that are up, by name; a peer that fails becomes a note.

        Treaty itself must not fail: its errors are raised.
        """
        with ExitStack() as stack:
            up: dict[str, Running] = {}
            for peer in peers:
                try:
                    up[peer.name] = stack.enter_context(self.started(peer, workers=workers))
                except (BrokenClaimError, RuntimeError, OSError, HTTPException) as error:
                    if peer.name == treaty.NAME:
                        raise
                    notes.append(f"{peer.name} is not measured: {error}")
            yield up


@contextmanager
def opened(programs: Programs, folder: Path) -> Iterator[Lab]:
    """Yield a lab with a running upstream."""
    keys = Keys.make()
    back = upstream.start(programs.tree, folder, OTHER_CORES)
    loader = Loader(programs.wrk, folder, OTHER_CORES)
    try:
        yield Lab(folder, back, keys, Callers.make(keys), loader)
    finally:
        back.stop()


def peers_of(programs: Programs) -> tuple[list[Peer], list[str]]:
    """Return the gateways at hand, Treaty last, and a note for each that is absent."""
    peers, absent = [], []
    if programs.tree is None:
        absent.append("nginx is absent")
    else:
        peers.append(nginx.bare(programs.tree))
        if programs.tree.has_lua():
            peers.append(nginx.with_lua(programs.tree))
        else:
            absent.append("nginx's Lua module is absent")
    if programs.envoy is None:
        absent.append("Envoy is absent")
    else:
        peers.append(envoy.peer(programs.envoy))
    return [*peers, treaty.peer()], absent


def governing(peers: Sequence[Peer]) -> list[Peer]:
    """Return those that enforce anything."""
    return [peer for peer in peers if peer.claims]
