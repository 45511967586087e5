"""Header hygiene: what passes the gateway in each direction, and what it says of itself.

Runs after the enforcers have seen the original request. The gateway is the edge: what a client
claims about proxies before it is not passed on.
"""

import re
import secrets
from collections.abc import Iterable

from gateway.runtime import Target
from policies.exchange import Exchange

Fields = list[tuple[str, str]]

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
_OF_THE_GATEWAY = frozenset({"x-request-id", "via"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_APPENDED = frozenset({"link", "vary"})
_NO_CONTENT = frozenset({204, 304})


def request_id(offered: str | None) -> str:
    """Return the client's request id when it is harmless, else a new one."""
    if offered is not None and _REQUEST_ID.fullmatch(offered):
        return offered
    return secrets.token_hex(16)


def joined(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the fields by name, repeated ones joined (RFC 9110 section 5.3)."""
    joined_fields: dict[str, str] = {}
    for name, value in fields:
        known = joined_fields.get(name)
        joined_fields[name] = value if known is None else f"{known}, {value}"
    return joined_fields


def to_upstream(fields: Fields, exchange: Exchange, target: Target, *, host: str) -> Fields:
    """Return the request header for the upstream. Names are lower case."""
    dropped = _HOP_BY_HOP | _CLAIMS | _nominated(fields) | target.credentials
    if target.changes_body:
        dropped |= _CONDITIONAL | _PARTIAL
    elif target.needs_body:
        dropped |= {"accept-encoding"}
    names = {name for name, _ in fields}
    if "transfer-encoding" in names:
        # RFC 9112 section 6.3: a length beside chunks is a smuggling attempt.
        dropped |= {"content-length"}
    kept = [(name, value) for name, value in fields if name not in dropped and not _ours(name)]
    if target.needs_body:
        kept.append(("accept-encoding", "identity"))
    kept.append(("forwarded", _forwarded(exchange.client, host)))
    kept.append(("via", "1.1 treaty"))
    kept.append(("x-request-id", exchange.request_id))
    if exchange.application is not None:
        kept.append(("treaty-application", exchange.application))
    return kept


def to_client(fields: Fields, exchange: Exchange, *, changed: bool) -> Fields:
    """Return the response header without what belongs to the hop or contradicts the new body."""
    added = {name.lower() for name, _ in exchange.added_headers} - _APPENDED
    dropped = _HOP_BY_HOP | _nominated(fields) | _OF_THE_GATEWAY | added
    if changed:
        dropped |= _OF_THE_BODY
    if exchange.status in _NO_CONTENT:
        dropped |= {"content-length"}
    kept = [(name, value) for name, value in fields if name not in dropped and not _ours(name)]
    return [
        (name, _location(value, exchange)) if name in ("location", "content-location") else field
        for field in kept
        for name, value in (field,)
    ]


def for_this_caller(fields: Fields) -> Fields:
    """Return the header of an answer that differs by caller: no shared cache may keep it."""
    control = ", ".join(value for name, value in fields if name == "cache-control").lower()
    if "no-store" in control or "private" in control:
        return fields
    kept = [field for field in fields if field[0] not in ("cache-control", "expires")]
    return [*kept, ("cache-control", "private")]


def _ours(name: str) -> bool:
    # Underscores count as hyphens: CGI-like servers cannot tell them apart.
    return name.replace("_", "-").startswith("treaty-")


def _nominated(fields: Fields) -> frozenset[str]:
    """Return what `Connection` takes off the message; never the end-to-end fields we rely on."""
    names = {
        option.strip().lower()
        for name, value in fields
        if name == "connection"
        for option in value.split(",")
    }
    return frozenset(names) - {"content-length", "content-type", "cache-control", "host"}


def _forwarded(client: str, host: str) -> str:
    """Return the RFC 7239 field; IPv6 addresses are bracketed and quoted."""
    node = f'"[{client}]"' if ":" in client else client or "unknown"
    named = re.fullmatch(r"[A-Za-z0-9.:\[\]-]{1,255}", host)
    return f"for={node};proto=http" + (f';host="{host}"' if named else "")


def _location(value: str, exchange: Exchange) -> str:
    """Return the link with the upstream's address replaced by the gateway's base path."""
    upstream = exchange.contract.upstream.rstrip("/")
    scheme, _, rest = upstream.partition("://")
    authority, slash, path = rest.partition("/")
    origin = f"{scheme}://{authority}"
    if value == origin or value.startswith(origin + "/"):
        value = value.removeprefix(origin) or "/"
    elif not value.startswith("/") or value.startswith("//"):
        return value
    below = value.removeprefix(slash + path) if path else value
    inside = below != value or not path
    if not inside or (below and below[0] not in "/?#"):
        return value
    return exchange.contract.base_path + below
