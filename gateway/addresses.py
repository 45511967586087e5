"""The addresses of an upstream that has several: which are in use, which are left alone for a while.

The states outlive snapshots, keyed by URL; what is allowed comes from the deployment that asks.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from policies.routing import Ejection, Health

if TYPE_CHECKING:
    from gateway.runtime import Target

_LONGEST_DOUBLING = 20


class Address:
    """What is known of one address."""

    __slots__ = ("checks", "ejected_until", "failures", "times", "url", "well")

    def __init__(self, url: str) -> None:
        self.url = url
        self.well = True  # by the health checks
        self.checks = 0  # in a row that contradict `well`
        self.failures = 0  # of calls, in a row
        self.ejected_until = 0.0
        self.times = 0  # ejected again and again

    def heard(self, *, good: bool, health: Health) -> None:
        """Take the outcome of a health check."""
        if good == self.well:
            self.checks = 0
            return
        self.checks += 1
        if self.checks >= (health.successes if good else health.failures):
            self.well, self.checks = good, 0
            verdict = "healthy again" if good else "not healthy"
            logging.getLogger("gateway").warning("upstream %s is %s", self.url, verdict)


class Addresses:
    """All addresses that were ever asked for, by URL."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._known: dict[str, Address] = {}

    def get(self, url: str) -> Address:
        """Return the address, the same one each time."""
        return self._known.setdefault(url, Address(url))


class Ring:
    """The addresses of one deployment in turn; never without one."""

    def __init__(self, ejection: Ejection, now: Callable[[], float]) -> None:
        self._ejection = ejection
        self._now = now
        self._members: Sequence[tuple[Address, Target]] = ()
        self._next = 0

    def fill(self, members: "Sequence[tuple[Address, Target]]") -> None:
        """Take the addresses, at least one."""
        self._members = members

    def next(self, avoid: Address | None = None) -> "Target":
        """Return the operation at the next address that is in use.

        Where none is, all are asked in turn: a guess may be wrong, refusing everything is.
        """
        now, members = self._now(), self._members
        size, start = len(members), self._next
        if avoid is None:
            self._next = (start + 1) % size
        found = None
        for step in range(size):
            address, target = members[(start + step) % size]
            if address is avoid:
                continue
            if address.well and address.ejected_until <= now:
                if avoid is None:
                    self._next = (start + step + 1) % size
                return target
            found = found or target
        return found or members[0][1]

    def failed(self, address: Address) -> None:
        """Count a failure; after too many in a row the address is left alone, longer each time.

        Never the last one in use.
        """
        address.failures += 1
        rules, now = self._ejection, self._now()
        if address.failures < rules.failures or address.ejected_until > now:
            return
        if not any(
            other is not address and other.well and other.ejected_until <= now
            for other, _ in self._members
        ):
            return
        doubled = rules.seconds * 2 ** min(address.times, _LONGEST_DOUBLING)
        seconds = min(rules.at_most_seconds, doubled)
        address.failures, address.times = 0, address.times + 1
        address.ejected_until = now + seconds
        logging.getLogger("gateway").warning(
            "upstream %s is left alone for %.0f seconds", address.url, seconds
        )

    def succeeded(self, address: Address) -> None:
        """Forget failures; what has gone well for long enough is new again."""
        address.failures = 0
        quiet = address.ejected_until + self._ejection.at_most_seconds
        if address.times and self._now() > quiet:
            address.times = 0


class Member:
    """An address in its ring, as a call that was led there sees it."""

    __slots__ = ("_address", "_ring", "others")

    def __init__(self, ring: Ring, address: Address, others: int) -> None:
        self._ring = ring
        self._address = address
        self.others = others  # how many more addresses there are

    def failed(self) -> None:
        """Count a failure."""
        self._ring.failed(self._address)

    def succeeded(self) -> None:
        """Count a success; cheap where nothing had failed."""
        if self._address.failures or self._address.times:
            self._ring.succeeded(self._address)

    def another(self) -> "Target":
        """Return the operation at another address."""
        return self._ring.next(avoid=self._address)
