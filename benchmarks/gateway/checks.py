"""A gateway is measured only when it does what it claims: asked over HTTP before the load."""

import http.client
import json
from dataclasses import dataclass

from benchmarks.gateway import world
from benchmarks.gateway.peers.peer import HEADERS, LIMIT, MASK, SCOPE, TOKEN, Peer
from benchmarks.gateway.world import Callers

# A gateway may take connections before it has read the contract of 10,000 operations.
_SECONDS = 60.0
_HEADERS = ("deprecation", "sunset")
_LIMIT_HEADERS = ("ratelimit", "x-ratelimit-limit")


@dataclass(frozen=True)
class Reply:
    """One answer, its field names in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes


def ask(port: int, path: str, bearer: str | None) -> Reply:
    """Return the answer to one GET; raises `OSError` or `HTTPException` where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        connection.request("GET", world.BASE_PATH + path, headers=headers)
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, fields, answer.read())
    finally:
        connection.close()


def broken_claims(peer: Peer, port: int, callers: Callers, workers: int) -> list[str]:
    """Return a sentence for each claim that does not hold; empty is good."""
    good = ask(port, world.ORDER_PATH, callers.good)
    export = ask(port, world.EXPORT_PATH, callers.good)
    wrong = []
    if good.status != 200 or export.status != 200:
        wrong.append(f"a good call gets {good.status}, an export {export.status}")
    if TOKEN in peer.claims:
        wrong += _expect(port, 401, {"forged": callers.forged, "missing": None, "broken": "a.b.c"})
    if SCOPE in peer.claims:
        wrong += _expect(port, 403, {"scopeless": callers.without_scope})
    if LIMIT in peer.claims:
        wrong += _limits(port, callers.limited, exact=workers == 1)
    if MASK in peer.claims:
        wrong += [text for reply in (good, export) for text in _unmasked(reply)]
    elif good.status == 200 and json.loads(good.body) != world.order(1):
        wrong.append("the body is not the upstream's")
    if HEADERS in peer.claims:
        wrong += _headers(good)
    return wrong


def _expect(port: int, status: int, tokens: dict[str, str | None]) -> list[str]:
    found = {name: ask(port, world.ORDER_PATH, bearer).status for name, bearer in tokens.items()}
    return [f"a {name} token gets {got}" for name, got in found.items() if got != status]


def _limits(port: int, bearer: str, *, exact: bool) -> list[str]:
    """Several processes may give each its share of the limit, so less than all of it may pass."""
    quota = world.LIMITED_QUOTA
    asked = [ask(port, world.ORDER_PATH, bearer).status for _ in range(quota + 3)]
    passed, refused = asked.count(200), asked.count(429)
    # A bucket may refill by one call while we ask.
    enough = quota if exact else 1
    if passed + refused == len(asked) and enough <= passed <= quota + 1:
        return []
    return [f"the limit of {quota} lets {passed} pass and refuses {refused} of {len(asked)}"]


def _unmasked(reply: Reply) -> list[str]:
    """Every secret is gone, and everything else is as it was."""
    leaks = [secret.decode() for secret in world.SECRETS if secret in reply.body]
    if leaks:
        return [f"the mask shows {leaks[0]!r}"]
    order = json.loads(reply.body)
    order = order.get("items", [order])[0]
    kept = {name: value for name, value in order.items() if name not in ("id", "customer")}
    original = world.order(1)
    wanted = {name: original[name] for name in original if name not in ("id", "customer", "margin")}
    return [] if kept == wanted else ["the mask changed what is not classified"]


def _headers(reply: Reply) -> list[str]:
    missing = [name for name in _HEADERS if name not in reply.fields]
    if not any(name in reply.fields for name in _LIMIT_HEADERS):
        missing.append("a limit header")
    return [f"the reply lacks {name}" for name in missing]
