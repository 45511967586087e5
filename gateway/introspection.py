"""Opaque tokens: what their issuer says of them (RFC 7662), remembered for a short while.

`Shared` holds one; a token that nothing is known of makes the call wait (`NotYetError`).
"""

import asyncio
import base64
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from gateway.faults import log_fault
from gateway.generations import Generations
from gateway.outside import AwayError, ask
from policies import jws
from policies import tokenclaims as words
from policies.exchange import Identity, NotYetError, Rejected
from policies.snapshot import IntrospectionPlan, IssuerPlan

_JSON = frozenset({"application/json", "application/token-introspection+json"})
_INACTIVE_SECONDS = 10.0
_LEAST_SECONDS = 1.0  # so that the call which asked finds the answer
_AWAY_SECONDS, _MAX_AWAY_SECONDS = 1.0, 30.0
_MAX_ANSWERS, _MAX_CHARS = 4_000, 8 * 1024 * 1024
_MAX_BYTES = 16_384
_MAX_ASKING = 64
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]++=*+")  # RFC 6750 section 2.1
_UNUSABLE = Rejected("The token is not valid.")
_INACTIVE = Rejected("The token is not active.")
_AWAY = "The issuer cannot be asked about the token at the moment."

Answer = tuple[float, Identity | Rejected]


class Introspections:
    """Answers by endpoint and token. `secret` finds the gateway's secret by its name."""

    def __init__(
        self,
        secret: Callable[[str], str | None],
        now: Callable[[], float],
    ) -> None:
        self._secret = secret
        self._now = now
        self._answers: Generations[Answer] = Generations(_MAX_ANSWERS, _MAX_CHARS)
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._away: dict[str, tuple[float, int]] = {}  # endpoint: not before, failures in a row

    def verify(self, token: str, plan: IssuerPlan) -> Identity | Rejected:
        """Return the caller, times unjudged, or why not. Raises `NotYetError`."""
        where = plan.introspection
        if where is None or len(token) > jws.MAX_CHARS or _TOKEN.fullmatch(token) is None:
            return _UNUSABLE
        known = self._answers.get(_key(plan, where, token))
        now = self._now()
        if known is not None and known[0] > now:
            return known[1]
        until, _ = self._away.get(where.endpoint, (0.0, 0))
        if until > now:
            return Rejected(_AWAY, retry_seconds=max(1, int(until - now)))
        raise NotYetError(lambda: self._asked(token, plan, where))

    async def _asked(self, token: str, plan: IssuerPlan, where: IntrospectionPlan) -> None:
        key = _key(plan, where, token)
        task = self._asking.get(key)
        if task is None:
            if len(self._asking) >= _MAX_ASKING:
                self._keep(key, _LEAST_SECONDS, Rejected(_AWAY, retry_seconds=1))
                return
            task = asyncio.get_running_loop().create_task(self._ask(key, token, plan, where))
            self._asking[key] = task
        # The answer is everybody's: a caller who leaves does not end the question.
        await asyncio.wait({task})

    async def _ask(self, key: str, token: str, plan: IssuerPlan, where: IntrospectionPlan) -> None:
        try:
            secret = self._secret(where.secret)
            if secret is None:
                raise AwayError("the gateway has no secret of that name")  # noqa: TRY301  # one place judges what failed
            answer = await ask(
                where.endpoint,
                _JSON,
                form={"token": token, "token_type_hint": "access_token"},
                authorization=_basic(where.client_id, secret),
                max_bytes=_MAX_BYTES,
            )
            self._take(key, answer, plan, where)
        except AwayError as error:
            self._failed(key, plan, where, str(error))
        except Exception as error:  # noqa: BLE001  # without an answer the call would ask for ever
            log_fault(f"introspection at {plan.name}", error)
            self._failed(key, plan, where, "a fault of our own")
        finally:
            del self._asking[key]

    def _take(
        self, key: str, answer: dict[str, Any], plan: IssuerPlan, where: IntrospectionPlan
    ) -> None:
        """Keep what the issuer said; `active` is a boolean or no answer (RFC 7662 section 2.2)."""
        active = answer.get("active")
        if not isinstance(active, bool):
            raise AwayError("its answer does not say whether the token is active")
        self._away.pop(where.endpoint, None)
        if not active:
            self._keep(key, _INACTIVE_SECONDS, _INACTIVE)
            return
        try:
            caller = _identity(answer, plan)
        except words.ClaimError as error:
            self._keep(key, _INACTIVE_SECONDS, Rejected(str(error)))
            return
        lives = min(float(where.cache_seconds), caller.expires - self._now())
        self._keep(key, lives, caller)

    def _failed(self, key: str, plan: IssuerPlan, where: IntrospectionPlan, reason: str) -> None:
        _, failures = self._away.get(where.endpoint, (0.0, 0))
        wait = min(_MAX_AWAY_SECONDS, _AWAY_SECONDS * 2.0 ** min(failures, 8))
        self._away[where.endpoint] = self._now() + wait, failures + 1
        self._keep(key, _LEAST_SECONDS, Rejected(_AWAY, retry_seconds=max(1, int(wait))))
        logging.getLogger("gateway").warning(
            "tokens of the issuer %s cannot be introspected: %s", plan.name, reason
        )

    def _keep(self, key: str, seconds: float, answer: Identity | Rejected) -> None:
        self._answers.put(key, (self._now() + max(seconds, _LEAST_SECONDS), answer))


def _identity(answer: dict[str, Any], plan: IssuerPlan) -> Identity:
    """Return the caller. Raises `ClaimError` where the answer speaks of another token than ours."""
    if answer.get("iss", plan.issuer) != plan.issuer:
        raise words.ClaimError("The token is meant for another audience or issuer.")
    if "aud" in answer and not words.is_for(answer["aud"], plan.audience):
        raise words.ClaimError("The token is meant for another audience or issuer.")
    application = answer.get("client_id")
    if not isinstance(application, str) or not application:
        raise words.ClaimError("The token has no client.")
    jkt, x5t = words.confirmation(answer)
    return Identity(
        application=application,
        scopes=words.scopes(answer),
        claims=answer,
        issuer=plan.name,
        starts=words.seconds(answer, "nbf") if "nbf" in answer else 0.0,
        expires=words.seconds(answer, "exp") if "exp" in answer else float("inf"),
        jkt=jkt,
        x5t=x5t,
    )


def _key(plan: IssuerPlan, where: IntrospectionPlan, token: str) -> str:
    return f"{plan.name} {plan.audience} {where.endpoint} {where.client_id} {token}"


def _basic(client_id: str, secret: str) -> str:
    # RFC 6749 section 2.3.1: both are form-encoded first.
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")
