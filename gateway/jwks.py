"""Keys of external issuers: fetched in the background, kept over failures, reloads and restarts.

`Shared` holds one ring; each runtime tells it whom to follow and asks it for keys.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.faults import log_fault
from gateway.jose.keys import Key, keys_of
from gateway.keyfiles import KeyFiles
from gateway.outside import AwayError, ask
from gateway.pacing import pause
from policies.jwk import UnusableKeyError
from policies.snapshot import IssuerPlan
from policies.weburl import trusted

_REFRESH_SECONDS = 300.0
_MIN_WAIT, _MAX_WAIT = 1.0, 300.0
_TICK_SECONDS = 0.5
_ASK_AGAIN_SECONDS = 60.0  # how often an unknown kid may cause a fetch
_JSON = frozenset({"application/json"})
_JWKS = frozenset({"application/json", "application/jwk-set+json"})

Identity = tuple[str, str | None, str | None, tuple[str, ...]]


@dataclass(slots=True)
class _Followed:
    """One issuer: what is known of it, and when it is asked next. Times are epoch seconds."""

    plan: IssuerPlan
    keys: tuple[Key, ...] = ()
    jwks: dict[str, Any] = field(default_factory=dict)
    confirmed: float = 0.0
    failures: int = 0
    next_at: float = 0.0
    asked_at: float = 0.0
    task: asyncio.Task[None] | None = None


class KeyRing:
    """`version` grows whenever keys come or go, so that verdicts made with others are forgotten."""

    def __init__(self, folder: Path | None, now: Callable[[], float]) -> None:
        self.version = 0
        self._now = now
        self._files = KeyFiles(folder)
        self._followed: dict[Identity, _Followed] = {}

    def follow(self, plans: Iterable[IssuerPlan]) -> None:
        """Keep the keys of these issuers current and forget all others; any thread may say so."""
        wanted = {_identity(plan): plan for plan in plans if plan.jwks_uri or plan.discovery}
        followed = {}
        for name, plan in wanted.items():
            state = self._followed.get(name)
            if state is None:
                state = _Followed(plan)
                self._read(state)
            state.plan = plan
            followed[name] = state
        if followed.keys() != self._followed.keys():
            self.version += 1
        self._followed = followed

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch what is due until `stop` is set, and let go of what is too old."""
        try:
            while not stop.is_set():
                now = self._now()
                for state in self._followed.values():
                    self._expire(state, now)
                    if state.next_at <= now:
                        self._start(state)
                await pause(stop, _TICK_SECONDS)
        finally:
            for state in self._followed.values():
                if state.task is not None:
                    state.task.cancel()

    def keys(self, plan: IssuerPlan) -> tuple[Key, ...]:
        """Return the usable keys; none when they have not been confirmed for too long."""
        state = self._followed.get(_identity(plan))
        if state is None or state.confirmed + plan.max_age_seconds <= self._now():
            return ()
        return state.keys

    def state(self) -> list[dict[str, object]]:
        """Return what operators want to know of each issuer; times are epoch seconds."""
        return [
            {
                "name": state.plan.name,
                "keys": len(self.keys(state.plan)),
                "confirmed": int(state.confirmed) or None,
                "failures": state.failures,
            }
            for state in self._followed.values()
        ]

    def refresh(self, plan: IssuerPlan) -> Callable[[], Awaitable[None]] | None:
        """Return what to await for keys that may just have come; None where asking is no use yet.

        A fetch under way is joined. An issuer without keys is asked again as its back-off says,
        one with keys once a minute, however many tokens name a kid that nobody knows.
        """
        state = self._followed.get(_identity(plan))
        if state is None:
            return None
        if state.task is None:
            now = self._now()
            wait = state.next_at if not self.keys(plan) else state.asked_at + _ASK_AGAIN_SECONDS
            if now < wait:
                return None
            state.asked_at = now
        return lambda: self._fetched(state)

    async def _fetched(self, state: _Followed) -> None:
        if state.task is None:
            self._start(state)
        if state.task is not None:
            # The fetch is everybody's: a caller who leaves does not end it.
            await asyncio.wait({state.task})

    def _start(self, state: _Followed) -> None:
        if state.task is None:
            state.task = asyncio.get_running_loop().create_task(self._fetch(state))

    async def _fetch(self, state: _Followed) -> None:
        try:
            jwks = await _fetch_jwks(state.plan)
            keys = keys_of(jwks, state.plan.algorithms)
            if not keys:
                raise UnusableKeyError("no key of the set is usable")  # noqa: TRY301  # one place judges what failed
        except (AwayError, UnusableKeyError) as error:
            self._failed(state, str(error))
        except Exception as error:  # noqa: BLE001  # whatever it was, the next try has its time
            log_fault(f"keys of {state.plan.name}", error)
            self._failed(state, "a fault of our own")
        else:
            self._take(state, jwks, keys)
            await self._files.write(state.plan, state.confirmed, jwks)
        finally:
            state.task = None

    def _take(self, state: _Followed, jwks: dict[str, Any], keys: tuple[Key, ...]) -> None:
        expired = not self.keys(state.plan)
        now = self._now()
        if jwks != state.jwks or expired:
            state.jwks, state.keys = jwks, keys
            self.version += 1
        state.confirmed, state.failures = now, 0
        refresh = min(_REFRESH_SECONDS, state.plan.max_age_seconds / 3)
        state.next_at = now + refresh * random.uniform(0.9, 1.0)  # noqa: S311  # spreads load; nothing secret

    def _failed(self, state: _Followed, reason: str) -> None:
        wait = min(_MAX_WAIT, _MIN_WAIT * 2.0 ** min(state.failures, 16))
        state.failures += 1
        state.next_at = self._now() + wait * random.uniform(0.75, 1.0)  # noqa: S311  # spreads load; nothing secret
        logging.getLogger("gateway").warning(
            "no new keys of the issuer %s: %s; next try in %.0f s", state.plan.name, reason, wait
        )

    def _expire(self, state: _Followed, now: float) -> None:
        if state.keys and state.confirmed + state.plan.max_age_seconds <= now:
            logging.getLogger("gateway").error("the keys of %s have expired", state.plan.name)
            state.keys, state.jwks = (), {}
            self.version += 1

    def _read(self, state: _Followed) -> None:
        kept = self._files.read(state.plan)
        if kept is None:
            return
        try:
            state.keys = keys_of(kept.jwks, state.plan.algorithms)
        except UnusableKeyError:
            return
        state.jwks, state.confirmed = kept.jwks, min(kept.confirmed, self._now())


async def _fetch_jwks(plan: IssuerPlan) -> dict[str, Any]:
    """Return the JWK Set, found by its address or by the issuer's metadata."""
    uri = plan.jwks_uri
    if uri is None:
        metadata = await ask(plan.discovery or "", _JSON)
        # OpenID Connect Discovery 4.3, RFC 8414 section 3.3: to the letter, or not at all.
        if metadata.get("issuer") != plan.issuer:
            raise AwayError("its metadata names another issuer")
        uri = metadata.get("jwks_uri")
    if not isinstance(uri, str) or not trusted(uri):
        raise AwayError("the address of its keys is not https")
    return await ask(uri, _JWKS)


def _identity(plan: IssuerPlan) -> Identity:
    return plan.issuer, plan.jwks_uri, plan.discovery, plan.algorithms
