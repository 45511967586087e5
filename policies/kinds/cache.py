"""Replies given again without asking the upstream: one view per application, scopes and claims.

Source: RFC 9111. What is kept is the reply as it left, masked; a write to the same path ends it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from policies.brownouts import Duration
from policies.decision import Instead
from policies.exchange import Exchange, Ports
from policies.freshness import directives, lifetime
from policies.keeping import kept_fields
from policies.kind import Compiled, Enforcer, Kind, ResponseOnly, Spec, Stage, Target
from policies.stores import Kept, Store

_OK = 200
_FAILURES = 400
_HOUR = "1h"
_MAX_VARY = 20
# Claims of one token, not of its caller (RFC 7519 section 4.1, RFC 9068 section 2.2).
_OF_THE_TOKEN = frozenset({"exp", "iat", "nbf", "jti", "auth_time"})
_OF_THE_CONTENT = frozenset({"content-type", "content-language", "content-encoding"})


class CacheSpec(Spec):
    """For how long: what the upstream says, `ttl` where it says nothing, never over `at_most`."""

    ttl: Duration | None = None
    at_most: Duration = Field(default=_HOUR, validate_default=True)
    max_reply_bytes: int = Field(default=1_048_576, ge=0, le=16_777_216)


def compile_rule(spec: CacheSpec, target: Target) -> Compiled | None:
    """Return the settings of a GET; other methods of the path end what is kept of it."""
    method, pointer = target.operation.method, target.operation.node.pointer
    if method in ("HEAD", "OPTIONS", "QUERY", "TRACE"):
        return None
    if method != "GET":
        settings: dict[str, object] = {"part": "end", "at_most_seconds": spec.at_most}
        return Compiled({**settings, "reads_response": False}, pointer)
    return Compiled(
        {
            "ttl_seconds": spec.ttl or 0,
            "at_most_seconds": spec.at_most,
            "max_reply_bytes": spec.max_reply_bytes,
        },
        pointer,
    )


class Cache:
    """Gives what is kept, else keeps what leaves."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._ttl: int = settings["ttl_seconds"]
        self._at_most: int = settings["at_most_seconds"]
        self._most: int = settings["max_reply_bytes"]

    def on_request(self, exchange: Exchange, ports: Ports) -> Instead | None:
        """Give the kept reply where the request takes one and it is still fresh."""
        headers = exchange.headers
        said = directives(headers["cache-control"]) if "cache-control" in headers else {}
        if "no-store" in said or "range" in headers or exchange.method != "GET":
            return None
        store, now = ports.store("cache"), ports.now()
        state = _state(exchange, store, now)
        primary = _primary(exchange, state)
        # RFC 9111 section 5.2.1: the client wants it from the origin.
        anew = "no-cache" in said or "max-age" in said or "no-cache" in headers.get("pragma", "")
        if not anew:
            kept = self._find(primary, exchange, store, now)
            if kept is not None:
                return _given(kept, headers.get("if-none-match"), now)
        exchange.at_end.append(lambda: self._end(primary, state, exchange, ports))
        return None

    def on_response(self, exchange: Exchange, ports: Ports) -> None:
        """Say nothing: what leaves is only known at the end."""
        del exchange, ports

    def filter(self, exchange: Exchange, ports: Ports) -> None:
        """Let streams pass: they are not kept."""
        del exchange, ports

    def _find(self, primary: str, exchange: Exchange, store: Store, now: float) -> Kept | None:
        varies = store.get(primary, now)
        if varies is None:
            return None
        return store.get(_secondary(primary, varies.mark.decode(), exchange), now)

    def _end(self, primary: str, state: bytes, exchange: Exchange, ports: Ports) -> None:
        body, fields = exchange.response_body, exchange.response_headers
        if exchange.status != _OK or body is None or len(body) > self._most:
            return
        names = sorted({name.strip().lower() for name in fields.get("vary", "").split(",")} - {""})
        seconds = min(lifetime(fields, self._ttl), self._at_most)
        if seconds <= 0 or "set-cookie" in fields or "*" in names or len(names) > _MAX_VARY:
            return
        store, now = ports.store("cache"), ports.now()
        if _state(exchange, store, now) != state:
            return  # a write has come in between
        # A rule that changes bodies drops their validators; they must not come back from here.
        changes = any(decision.outcome == "transformed" for decision in exchange.decisions)
        kept = kept_fields(exchange, changed=changes)
        vary, until = ",".join(names), now + seconds
        store.put(primary, Kept(vary.encode(), at=now, until=until))
        reply = Kept(b"", _OK, kept, body, now, until)
        store.put(_secondary(primary, vary, exchange), reply)


class EndCached(ResponseOnly):
    """Ends what is kept of a path when a write to it has succeeded (RFC 9111 section 4.4)."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._keep: int = settings["at_most_seconds"]

    def on_response(self, exchange: Exchange, ports: Ports) -> None:
        """Give the path a new state, which is part of the keys."""
        if exchange.status < _FAILURES:
            now = ports.now()
            state = exchange.request_id.encode("utf-8", "replace")
            kept = Kept(state, at=now, until=now + self._keep)
            ports.store("cache").put(_path_key(exchange), kept)


def _path_key(exchange: Exchange) -> str:
    contract = exchange.contract
    return f"path {contract.contract} {contract.apart} {exchange.path}"


def _state(exchange: Exchange, store: Store, now: float) -> bytes:
    """Return the state of the path: another one since each write."""
    kept = store.get(_path_key(exchange), now)
    return b"" if kept is None else kept.mark


def _primary(exchange: Exchange, state: bytes) -> str:
    facts = (
        _path_key(exchange),
        exchange.operation.name,
        exchange.query,
        exchange.application or "",
        " ".join(sorted(exchange.scopes)),
        _claimed(exchange.claims),
    )
    digest = hashlib.sha256("\0".join(facts).encode("utf-8", "surrogatepass") + b"\0" + state)
    return digest.hexdigest()


def _claimed(claims: Mapping[str, object]) -> str:
    """Return what is claimed of the caller: masks and conditions may show more to some."""
    if not claims:
        return ""
    kept = {name: value for name, value in claims.items() if name not in _OF_THE_TOKEN}
    return json.dumps(kept, sort_keys=True, default=str)


def _secondary(primary: str, vary: str, exchange: Exchange) -> str:
    headers = exchange.headers
    values = "\0".join([headers.get(name, "\1") for name in vary.split(",")]) if vary else ""
    text = f"{primary}\0{vary}\0{values}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _given(kept: Kept, wanted: str | None, now: float) -> Instead:
    age = ("Age", str(max(0, int(now - kept.at))))
    told = (age, ("Cache-Status", f"treaty; hit; ttl={max(0, int(kept.until - now))}"))
    tag = next((text for name, text in kept.fields if name == "etag"), None)
    if wanted is not None and tag is not None:
        tags = {each.strip().removeprefix("W/") for each in wanted.split(",")}
        if "*" in tags or tag.removeprefix("W/") in tags:
            fields = tuple(field for field in kept.fields if field[0] not in _OF_THE_CONTENT)
            return Instead(304, (*fields, *told))
    return Instead(kept.status, (*kept.fields, *told), kept.body)


def build(settings: Mapping[str, Any]) -> Enforcer:
    """Return the enforcer: of a GET, or of a write to its path."""
    return EndCached(settings) if settings.get("part") == "end" else Cache(settings)


_EXAMPLE = """\
policy: lists-again
kind: cache
select: {operations: [listProjects]}
spec: {ttl: 30s, at_most: 10m}
"""

KIND = Kind(
    name="cache",
    stage=Stage.CACHE,
    summary="Gives replies to GET again, per application, scopes and claims, as long as they are fresh (RFC 9111).",
    spec=CacheSpec,
    compile=compile_rule,
    build=build,
    example=_EXAMPLE,
    needs_response_body=True,
)
