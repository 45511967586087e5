"""Header hygiene: what passes the gateway in each direction, and what it says of itself.

Runs after the enforcers have seen the original request. The gateway is the edge: what a client
claims about proxies before it is not passed on.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.wire.fields import Fields, Lines, Pairs
from gateway.wire.write import field_lines
from policies.exchange import Exchange
from policies.kinds.compression import encoded
from policies.location import rewritten

if TYPE_CHECKING:
    from gateway.runtime import Target
    from gateway.wire.call import Call

# RFC 9110 section 7.6.1, and the framing that the next hop makes anew.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# `via` may not be nominated away: it is written anew after the stripping.
_CLAIMS = frozenset(
    {"host", "expect", "x-request-id", "forwarded", "x-forwarded-for", "x-forwarded-host"}
    | {"x-forwarded-proto", "x-forwarded-port", "x-forwarded-prefix", "x-real-ip", "via"}
)
_CONDITIONAL = frozenset({"if-none-match", "if-match", "if-modified-since", "if-unmodified-since"})
_PARTIAL = frozenset({"range", "if-range", "accept-encoding"})
_OF_THE_BODY = frozenset(
    {"content-length", "etag", "last-modified", "content-md5", "digest", "content-digest"}
    | {"repr-digest", "accept-ranges"}
)
_DIGESTS = frozenset({"content-md5", "digest", "content-digest"})
_OF_THE_GATEWAY = frozenset({"x-request-id", "via"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# What a client may not nominate away (RFC 9110 section 7.6.1 speaks of hop-by-hop fields): the
# body, and what guards a write, would mean something else without them.
_END_TO_END = frozenset(
    {"content-length", "content-type", "content-encoding", "cache-control", "host", "range"}
    | {"idempotency-key", "traceparent", "tracestate", "origin", "authorization", "cookie"}
    | _CONDITIONAL
)
_APPENDED = frozenset({"link", "vary"})


def request_id(offered: str | None) -> str | None:
    """Return the client's request id when it is harmless."""
    if offered is not None and _REQUEST_ID.fullmatch(offered):
        return offered
    return None


def request_lines(call: "Call") -> bytes:
    """Return the head of the request for the upstream, framing and empty line included."""
    exchange, target, fields = call.exchange, call.target, call.request.fields
    # Equal header lines of one connection, by the same caller, leave as equal lines.
    key = (target, exchange.application, call.upgrade)
    kept = fields.kept.get(key)
    if kept is None:
        kept = fields.kept[key] = _kept_lines(call)
    query = f"?{exchange.query}" if exchange.query else ""
    length = call.outgoing_length
    if length is None:
        framing = "transfer-encoding: chunked\r\n"
    else:
        framing = "" if length < 0 else f"content-length: {length}\r\n"
    first = f"{exchange.method} {target.base}{exchange.path}{query} HTTP/1.1\r\n"
    last = f"{framing}x-request-id: {call.id}\r\n\r\n"
    return first.encode("ascii") + kept.text + last.encode("ascii")


def _kept_lines(call: "Call") -> Lines:
    pairs = to_upstream(call.request.fields.pairs, call.exchange, call.target)
    if call.method == "OPTIONS":
        pairs = [_one_hop_less(pair) for pair in pairs]
    if call.upgrade:
        pairs += [("upgrade", "websocket"), ("connection", "Upgrade")]
    return Lines(field_lines([("host", call.target.authority), *pairs]))


def answer_lines(
    fields: Fields,
    exchange: Exchange,
    target: "Target",
    *,
    changed: bool,
    coding: str | None = None,
) -> Lines:
    """Return the upstream's fields for the client, without framing; `Via` is among them.

    `coding` is that of the reply, empty where the reply could have had one, else None.
    """
    added = tuple([name for name, _ in exchange.added_headers])
    shown = exchange.shown_headers
    key = (target, changed, added, coding, shown)
    kept = fields.kept.get(key)
    if kept is None:
        pairs = to_client(fields.pairs, exchange, changed=changed)
        if shown:
            pairs = _as_shown(pairs, dict(shown))
        if target.changes_response:
            pairs = for_this_caller(pairs)
        if target.owns_cors:
            pairs = [pair for pair in pairs if not pair[0].startswith("access-control-")]
        if coding is not None:
            pairs = encoded(pairs, coding)
        dated = any(name == "date" for name, _ in pairs)
        pairs = [pair for pair in pairs if pair[0] != "content-length"]
        kept = Lines(field_lines([*pairs, ("via", "1.1 treaty")]), dated)
        fields.kept[key] = kept
    return kept


def _as_shown(pairs: Pairs, shown: Mapping[str, str | None]) -> Pairs:
    """Return the header as the caller may see it: one line for each masked field, or none."""
    kept = [pair for pair in pairs if pair[0] not in shown]
    return [*kept, *((name, value) for name, value in shown.items() if value is not None)]


def _one_hop_less(pair: tuple[str, str]) -> tuple[str, str]:
    """Count Max-Forwards down (RFC 9110 section 7.6.2); zero has been answered here."""
    name, value = pair
    if name == "max-forwards" and value.isascii() and value.isdigit():
        return name, str(max(0, int(value[:9]) - 1))
    return pair


def to_upstream(fields: Pairs, exchange: Exchange, target: "Target") -> Pairs:
    """Return the request header for the upstream, without framing. Names are lower case."""
    dropped = _HOP_BY_HOP | _CLAIMS | _nominated(fields) | target.credentials | {"content-length"}
    if target.changes_response:
        dropped |= _CONDITIONAL | _PARTIAL
    elif target.reads_response:
        dropped |= {"accept-encoding"}
    if target.changes_request:
        dropped |= _DIGESTS
    # Underscores count as hyphens: CGI-like servers cannot tell them apart. A field in disguise
    # is not what was judged, so it goes even where the field itself would stay.
    kept = [
        (name, value)
        for name, value in fields
        if name not in dropped
        and not _ours(name)
        and ("_" not in name or name.replace("_", "-") not in dropped)
    ]
    if target.reads_response:
        kept.append(("accept-encoding", "identity"))
    kept.append(("forwarded", _forwarded(exchange)))
    kept.append(("via", "1.1 treaty"))
    if exchange.application is not None:
        kept.append(("treaty-application", exchange.application))
    return kept


def to_client(fields: Pairs, exchange: Exchange, *, changed: bool) -> Pairs:
    """Return the response header without what belongs to the hop or contradicts the new body."""
    added = {name.lower() for name, _ in exchange.added_headers} - _APPENDED
    dropped = _HOP_BY_HOP | _nominated(fields) | _OF_THE_GATEWAY | added
    if changed:
        dropped |= _OF_THE_BODY
    kept = [(name, value) for name, value in fields if name not in dropped and not _ours(name)]
    return [
        (name, rewritten(value, exchange.contract.upstream, exchange.contract.base_path))
        if name in ("location", "content-location")
        else field
        for field in kept
        for name, value in (field,)
    ]


def for_this_caller(fields: Pairs) -> Pairs:
    """Return the header of an answer that differs by caller: no shared cache may keep it."""
    control = ", ".join(value for name, value in fields if name == "cache-control").lower()
    if "no-store" in control or "private" in control:
        return fields
    kept = [field for field in fields if field[0] not in ("cache-control", "expires")]
    return [*kept, ("cache-control", "private")]


def _ours(name: str) -> bool:
    return name.replace("_", "-").startswith("treaty-")


def _nominated(fields: Pairs) -> frozenset[str]:
    """Return what `Connection` takes off the message; never the end-to-end fields we rely on."""
    names = {
        option.strip().lower()
        for name, value in fields
        if name == "connection"
        for option in value.split(",")
    }
    return frozenset(names) - _END_TO_END


def _forwarded(exchange: Exchange) -> str:
    """Return the RFC 7239 field; IPv6 addresses are bracketed and quoted."""
    client, host = exchange.client, exchange.authority
    node = f'"[{client}]"' if ":" in client else client or "unknown"
    named = re.fullmatch(r"[A-Za-z0-9.:\[\]-]{1,255}", host)
    return f"for={node};proto={exchange.scheme}" + (f';host="{host}"' if named else "")
