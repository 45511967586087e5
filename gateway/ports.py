"""What the enforcers reach of the world (`policies.exchange.Ports`), bound to one runtime.

Counters and the pseudonym key live in `Shared`, outside every runtime: a swap resets nothing.
"""

import heapq
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gateway.addresses import Addresses
from gateway.apikeys import KeyVerifier
from gateway.files import read_or_create
from gateway.places import Places
from gateway.shelf import Shelf
from gateway.tallies import Tallies
from gateway.tokens import TokenVerifier
from gateway.trust import Trust
from policies.exchange import Identity, Limit, Proof, Rejected, Taken
from policies.gcra import gcra
from policies.snapshot import GrantPlan, Snapshot, UsagePlan
from policies.stores import Store

_MAX_COUNTERS = 100_000
_PSEUDONYM_CHARS = 16


class Counters:
    """GCRA states by key. When full, those that are back at their full quota go first."""

    def __init__(self, size: int = _MAX_COUNTERS) -> None:
        self._size = size
        self._tats: dict[str, float] = {}
        self.tallies = Tallies(size)

    def __len__(self) -> int:
        return len(self._tats)

    def take(self, limits: Sequence[Limit], now: float) -> list[Taken]:
        """Count one call at `now` (epoch seconds) against all limits, or against none."""
        tats, states, fits = self._tats, list[Taken](), True
        after = list[float]()
        for limit in limits:
            key, quota, window_seconds, burst, cost, _, until = limit
            tat: float
            if until:
                tat, taken = self.tallies.look(limit, now)
            else:
                tat, taken = gcra(tats.get(key, 0.0), now, quota, window_seconds, burst, cost)
            states.append(taken)
            after.append(tat)
            fits = fits and taken.allowed
        if fits:
            for limit, tat in zip(limits, after, strict=True):
                if limit.until:
                    self.tallies.set(limit, int(tat), now)
                else:
                    tats[limit.key] = tat
            if len(tats) > self._size:
                self._evict(now)
        return states

    def _evict(self, now: float) -> None:
        self._tats = {key: tat for key, tat in self._tats.items() if tat > now}
        excess = len(self._tats) - self._size + max(1, self._size // 10)
        if excess > 0:
            for key in heapq.nsmallest(excess, self._tats, key=self._tats.__getitem__):
                del self._tats[key]


def _stores() -> dict[str, Store]:
    return {"replies": Shelf(), "cache": Shelf()}


@dataclass(frozen=True, slots=True)
class Shared:
    """What outlives a runtime."""

    pseudonym_key: bytes
    counters: Counters = field(default_factory=Counters)
    places: Places = field(default_factory=Places)
    now: Callable[[], float] = time.time
    workers: int = 1  # processes that count apart from each other, each its share
    data_dir: Path | None = None  # where what must survive a restart is kept
    # Counters that several gateways share, when the process has connected to them.
    together: list[Callable[[Sequence[Limit]], Sequence[Taken]]] = field(default_factory=list)
    trust: Trust = field(init=False)
    stores: dict[str, Store] = field(default_factory=_stores)
    addresses: Addresses = field(default_factory=lambda: Addresses(time.monotonic))

    def take(self, limits: Sequence[Limit]) -> Sequence[Taken]:
        """Count one call: in the shared counters where there are some, else in memory."""
        if self.together and limits[0].away != "here":
            return self.together[0](limits)
        return self.take_here(limits)

    def take_here(self, limits: Sequence[Limit]) -> Sequence[Taken]:
        """Count one call in this process, which gives away its share of each limit."""
        if self.workers > 1:
            limits = [_share(limit, self.workers) for limit in limits]
        return self.counters.take(limits, self.now())

    def __post_init__(self) -> None:
        object.__setattr__(self, "trust", Trust(self.now, self.data_dir, self.pseudonym_key))


def shared(data_dir: Path, workers: int = 1) -> Shared:
    """Return the shared state; the key is made once per data folder."""
    key = read_or_create(data_dir / "pseudonym.key", lambda: secrets.token_bytes(32))
    return Shared(key, workers=workers, data_dir=data_dir)


def _share(limit: Limit, workers: int) -> Limit:
    """Return the part of a limit that one of several processes may give away, never nothing."""
    quota, burst = max(1, limit.quota // workers), max(1, limit.burst // workers)
    return limit._replace(quota=quota, burst=burst)


class RuntimePorts:
    """Implements `policies.exchange.Ports` over one snapshot."""

    def __init__(self, snapshot: Snapshot, shared_state: Shared) -> None:
        self._shared = shared_state
        trust = shared_state.trust
        trust.keys.follow(snapshot.issuers)
        self._tokens = TokenVerifier(snapshot, trust, shared_state.now)
        self._keys = KeyVerifier(snapshot, shared_state.now)
        self._grants = {(grant.application, grant.contract): grant for grant in snapshot.grants}
        self._plans = {plan.name: plan for plan in snapshot.plans}

    def now(self) -> float:
        return self._shared.now()

    def take(self, limits: Sequence[Limit]) -> Sequence[Taken]:
        return self._shared.take(limits)

    def enter(self, key: str, limit: int) -> bool:
        share = max(1, limit // self._shared.workers)
        return self._shared.places.enter(key, share)

    def leave(self, key: str) -> None:
        self._shared.places.leave(key)

    def verify_token(
        self, token: str, skew_seconds: int, issuers: frozenset[str] | None = None
    ) -> Identity | Rejected:
        return self._tokens.verify(token, skew_seconds, issuers)

    def verify_key(self, key: str) -> Identity | Rejected:
        return self._keys.verify(key)

    def check_proof(self, proof: Proof) -> Rejected | None:
        return self._shared.trust.proofs.check(proof, self.now())

    def proof_nonce(self) -> str:
        return self._shared.trust.proofs.nonce(self.now())

    def grant(self, application: str, contract: str) -> GrantPlan | None:
        return self._grants.get((application, contract))

    def plan(self, name: str) -> UsagePlan | None:
        return self._plans.get(name)

    def store(self, name: Literal["replies", "cache"]) -> Store:
        return self._shared.stores[name]

    def pseudonym(self, text: str) -> str:
        keyed = hmac.new(
            self._shared.pseudonym_key, text.encode("utf-8", "surrogatepass"), "sha256"
        )
        return "h_" + keyed.hexdigest()[:_PSEUDONYM_CHARS]
