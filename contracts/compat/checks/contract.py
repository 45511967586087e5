"""Checks on the contract as a whole: servers, and what could not be compared."""

from collections.abc import Iterator

from contracts.compat.check import REQUEST, Hit, check
from contracts.compat.pairs import ContractPair, UndecidedPair
from contracts.report import Direction, Effect


@check(
    "server-removed",
    Effect.NARROWS,
    ContractPair,
    directions=REQUEST,
    why="Clients have the address in their configuration.",
    fix="Keep the old address answering, or announce when it stops.",
)
def server_removed(pair: ContractPair) -> Iterator[Hit]:
    """A server address or base path is no longer listed."""
    if pair.new.servers:
        for index, url in _missing(pair.old.servers, pair.new.servers):
            yield Hit(f"the address `{url}` is no longer listed", f"/servers/{index}", "/servers")


@check(
    "server-added",
    Effect.WIDENS,
    ContractPair,
    directions=REQUEST,
    why="Clients may use a further address.",
)
def server_added(pair: ContractPair) -> Iterator[Hit]:
    """A further server address is listed."""
    if pair.old.servers:
        for index, url in _missing(pair.new.servers, pair.old.servers):
            yield Hit(f"the address `{url}` is new", "/servers", f"/servers/{index}")


@check(
    "part-undecided",
    Effect.UNKNOWN,
    UndecidedPair,
    directions=(Direction.NONE,),
    why="What cannot be read or followed cannot be called compatible.",
    fix="Repair the part that cannot be read, then check again.",
)
def part_undecided(pair: UndecidedPair) -> Iterator[Hit]:
    """A part of a contract could not be compared."""
    yield Hit(pair.reason)


def _missing(these: tuple[str, ...], those: tuple[str, ...]) -> list[tuple[int, str]]:
    others = {url.rstrip("/") for url in those}
    return [(i, url) for i, url in enumerate(these) if url.rstrip("/") not in others]


CHECKS = (server_removed, server_added, part_undecided)
