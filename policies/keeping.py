"""Which fields of a reply may be kept and given again; for the kinds idempotency and cache."""

from policies.exchange import Exchange
from policies.location import rewritten
from policies.snapshot import ContractPlan

# What belongs to the hop, to the framing, to one caller, or is written anew on each reply.
_NOT_KEPT = frozenset(
    {
        "age",
        "cache-control",
        "expires",
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
    }
    | {"te", "trailer", "transfer-encoding", "upgrade", "content-length", "date", "via"}
    | {"set-cookie", "set-cookie2", "x-request-id", "www-authenticate", "authentication-info"}
)
_OF_THE_BODY = frozenset(
    {"etag", "last-modified", "content-md5", "digest", "content-digest", "repr-digest"}
    | {"accept-ranges"}
)


def kept_fields(exchange: Exchange, *, changed: bool) -> tuple[tuple[str, str], ...]:
    """Return the upstream's fields as they may be given again, beside those added each time."""
    fields, plan = exchange.response_headers, exchange.contract
    nominated = {name.strip().lower() for name in fields.get("connection", "").split(",")}
    anew = {name.lower() for name, _ in exchange.added_headers} - {"link", "vary"}
    dropped = _NOT_KEPT | nominated | anew | (_OF_THE_BODY if changed else frozenset())
    # It is one caller's: no cache behind the gateway may give it to another.
    stored = "no-store" not in fields.get("cache-control", "").lower()
    control = ("cache-control", "private" if stored else "no-store")
    shown = dict(exchange.shown_headers)
    owns_cors = any(rule.kind == "cors" for rule in exchange.operation.rules)
    found = tuple(
        (name, _local(name, text, plan))
        for name, text in {**fields, **shown}.items()
        if text is not None
        and name not in dropped
        and not name.replace("_", "-").startswith("treaty-")
        and not (owns_cors and name.startswith("access-control-"))
    )
    return (*found, control)


def _local(name: str, text: str, plan: ContractPlan) -> str:
    if name in ("location", "content-location"):
        return rewritten(text, plan.upstream, plan.base_path)
    return text
