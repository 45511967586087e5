"""What is measured: one function per section of the report."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.gateway import treaty, world
from benchmarks.gateway.figures import Figures, combined
from benchmarks.gateway.lab import Lab, governing
from benchmarks.gateway.peers.peer import Peer
from benchmarks.gateway.processes import Running, free_port
from benchmarks.gateway.report import Section

_FEW_ROUTES, _MANY_ROUTES = 10, 10_000


@dataclass(frozen=True)
class Effort:
    """How much is done."""

    seconds: float = 2.0  # one run
    warm_up_seconds: float = 1.0
    rounds: int = 5
    rate: float = 1500.0  # calls per second of the fixed-rate section
    cold_tokens: int = 3000


def in_turn(
    up: dict[str, Running], measure: Callable[[Running], Figures], rounds: int
) -> dict[str, Figures]:
    """Return the median figures of each gateway; every round asks all of them in turn.

    A disturbance from outside so meets all gateways rather than one.
    """
    runs: dict[str, list[Figures]] = {name: [] for name in up}
    for _ in range(rounds):
        for name, running in up.items():
            runs[name].append(measure(running))
    return {name: combined(figures) for name, figures in runs.items()}


def policies(lab: Lab, peers: Sequence[Peer], effort: Effort) -> Iterator[Section]:
    """Yield the main table and, on the same warm gateways, those that need no restart."""
    notes: list[str] = []
    good = lab.callers.good
    with lab.all_started(peers, notes) as up:
        for running in up.values():
            lab.loader.saturate(running, world.ORDER_PATH, good, effort.warm_up_seconds)

        def saturate(path: str) -> Callable[[Running], Figures]:
            return lambda running: lab.loader.saturate(running, path, good, effort.seconds)

        rows = in_turn(up, saturate(world.ORDER_PATH), effort.rounds)
        title = f"All policies, 0.9 kB, {world.CONNECTIONS} connections, {lab.loader.name}"
        yield Section(title, treaty.NAME, rows, notes)

        def at_rate(running: Running) -> Figures:
            return lab.loader.at_rate(
                running, world.ORDER_PATH, good, rate=effort.rate, seconds=effort.seconds
            )

        rows = in_turn(up, at_rate, effort.rounds)
        yield Section(f"The same at {effort.rate:.0f} calls per second", treaty.NAME, rows)
        rows = in_turn(up, saturate(world.EXPORT_PATH), 1)
        yield Section("Bodies of 100 kB", treaty.NAME, rows)
        names = {peer.name for peer in governing(peers)}
        yield _cold(lab, {name: up[name] for name in up if name in names}, effort)


def _cold(lab: Lab, up: dict[str, Running], effort: Effort) -> Section:
    tokens = list(world.fresh_tokens(lab.keys, effort.cold_tokens))

    def once_each(running: Running) -> Figures:
        return lab.loader.once_each(running, world.ORDER_PATH, tokens)

    title = f"A new token in every call, {effort.cold_tokens} calls"
    return Section(title, treaty.NAME, in_turn(up, once_each, 1))


def routes(lab: Lab, effort: Effort) -> Iterator[Section]:
    """Yield Treaty with few operations beside Treaty with many."""
    few, many = f"{_FEW_ROUTES} routes", f"{_MANY_ROUTES} routes"
    section = Section("Treaty by number of routes", many)
    last = _FEW_ROUTES - 1
    path = f"/area{last % 100}/kind{last}/ORD-0001"
    with (
        lab.started(treaty.peer(_FEW_ROUTES)) as small,
        lab.started(treaty.peer(_MANY_ROUTES)) as large,
    ):

        def saturate(running: Running) -> Figures:
            return lab.loader.saturate(running, path, lab.callers.good, effort.seconds)

        up = {few: small, many: large}
        in_turn(up, saturate, 1)
        section.rows = in_turn(up, saturate, min(2, effort.rounds))
    yield section


def workers(lab: Lab, peers: Sequence[Peer], effort: Effort) -> Iterator[Section]:
    """Yield every gateway with two workers; upstream and load tool share their cores."""
    section = Section("Two workers, on the cores of upstream and load tool", treaty.NAME)
    with lab.all_started(peers, section.notes, workers=2) as up:

        def saturate(running: Running) -> Figures:
            return lab.loader.saturate(running, world.ORDER_PATH, lab.callers.good, effort.seconds)

        section.rows = in_turn(up, saturate, 1)
    yield section


def redis(lab: Lab, effort: Effort) -> Iterator[Section]:
    """Yield Treaty that counts in memory beside Treaty that counts in Redis."""
    memory, shared = "limits in memory", "limits in Redis"
    section = Section("Limits in Redis", memory)
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        section.notes.append("absent: no valkey-server or redis-server")
        yield section
        return
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # found on the PATH
    try:
        counting = treaty.peer(more=("--redis", f"redis://127.0.0.1:{port}/0"))
        with lab.started(treaty.peer()) as alone, lab.started(counting) as together:

            def saturate(running: Running) -> Figures:
                good = lab.callers.good
                return lab.loader.saturate(running, world.ORDER_PATH, good, effort.seconds)

            up = {memory: alone, shared: together}
            in_turn(up, saturate, 1)
            section.rows = in_turn(up, saturate, min(2, effort.rounds))
    finally:
        server.kill()
        server.wait()
    yield section
