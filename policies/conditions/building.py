"""A bound condition to one closure over the exchange; called once per rule and runtime."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from policies.conditions import expression
from policies.conditions.hours import within
from policies.conditions.matching import Test, make
from policies.exchange import Exchange

Guard = Callable[[Exchange], bool]
_KNOWN_CLIENTS = 4_096


def build(condition: Mapping[str, Any], now: Callable[[], float]) -> Guard:
    """Return whether the condition holds on a call; `now` returns epoch seconds.

    What may change during a call (the time, an expression) is answered once per call, so that a
    rule and the one that stands behind it never both step back.
    """
    if "all" in condition:
        return _all(tuple(build(one, now) for one in condition["all"]))
    if "any" in condition:
        return _any(tuple(build(one, now) for one in condition["any"]))
    if "not" in condition:
        inner = build(condition["not"], now)
        return lambda exchange: not inner(exchange)
    if "constant" in condition:
        constant = bool(condition["constant"])
        return lambda _: constant
    if "client" in condition:
        return _client(condition["client"])
    if "time" in condition:
        lies = within(condition["time"])
        return _once("when:time:" + repr(condition["time"]), lambda _: lies(now()))
    if "expression" in condition:
        return _expression(condition)
    return _subject(condition)


def _all(guards: tuple[Guard, ...]) -> Guard:
    def guard(exchange: Exchange) -> bool:
        for one in guards:  # noqa: SIM110  # a generator costs more than the loop
            if not one(exchange):
                return False
        return True

    return guard


def _any(guards: tuple[Guard, ...]) -> Guard:
    def guard(exchange: Exchange) -> bool:
        for one in guards:  # noqa: SIM110  # a generator costs more than the loop
            if one(exchange):
                return True
        return False

    return guard


def _once(key: str, inner: Guard) -> Guard:
    def guard(exchange: Exchange) -> bool:
        known = exchange.memory.get(key)
        if known is None:
            known = exchange.memory[key] = inner(exchange)
        return known is True

    return guard


def _client(networks: list[str]) -> Guard:
    nets = tuple(ipaddress.ip_network(network) for network in networks)
    known: dict[str, bool] = {}

    def guard(exchange: Exchange) -> bool:
        answer = known.get(exchange.client)
        if answer is None:
            if len(known) >= _KNOWN_CLIENTS:
                known.clear()
            answer = known[exchange.client] = _inside(exchange.client, nets)
        return answer

    return guard


def _inside(client: str, nets: tuple[Any, ...]) -> bool:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False  # a Unix socket has no address
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in net for net in nets)


def _expression(condition: Mapping[str, Any]) -> Guard:
    text, places = condition["expression"], condition.get("places", {})
    judge = expression.build(text)
    segments = {name: _segment(place) for name, place in places.items()}

    def ask(exchange: Exchange) -> bool:
        return judge(
            {
                "claim": exchange.claims,
                "header": dict(exchange.headers),
                "query": dict(parse_qsl(exchange.query, keep_blank_values=True)),
                "path": {name: read(exchange) for name, read in segments.items()},
                "method": exchange.method,
                "application": exchange.application,
                "plan": exchange.grant.plan if exchange.grant else None,
                "scopes": sorted(exchange.scopes),
                "client": exchange.client,
            }
        )

    return _once("when:expression:" + text, ask)


def _subject(condition: Mapping[str, Any]) -> Guard:
    subject, name = condition["subject"], condition.get("name", "")
    typed = subject == "claim"
    test = make(condition["test"], typed=typed)
    if typed:
        return _claim(name, test)
    if subject == "header":
        return lambda exchange: test(_pieces(exchange.headers.get(name)))
    if subject == "query":
        return lambda exchange: test(_query(exchange.query, name))
    if subject == "path":
        read = _segment(condition["place"])
        return lambda exchange: test(read(exchange))
    if subject == "method":
        return lambda exchange: test(exchange.method)
    if subject == "application":
        return lambda exchange: test(exchange.application)
    if subject == "scopes":
        return lambda exchange: test(exchange.scopes)
    if subject == "plan":
        return lambda exchange: test(None if exchange.grant is None else exchange.grant.plan)
    raise ValueError(f"a condition on {subject!r} is not known")


def _claim(name: str, test: Test) -> Guard:
    steps = name.split(".")

    def guard(exchange: Exchange) -> bool:
        value = exchange.claims.get(name)
        if value is None and len(steps) > 1:
            value = exchange.claims
            for step in steps:
                value = value.get(step) if isinstance(value, Mapping) else None
        return test(value)

    return guard


def _pieces(value: str | None) -> object:
    """Return a repeated field's values beside the whole: what is joined may be meant singly."""
    if value is None or "," not in value:
        return value
    return [value, *(piece.strip() for piece in value.split(","))]


def _query(query: str, name: str) -> object:
    if not query:
        return None
    found = [value for key, value in parse_qsl(query, keep_blank_values=True) if key == name]
    return found or None


def _segment(place: Mapping[str, Any]) -> Callable[[Exchange], str | None]:
    """Return what reads a path parameter: the segment at `at`, between `before` and `after`."""
    at, before, after = place["at"], place["before"], place["after"]

    def read(exchange: Exchange) -> str | None:
        segments = exchange.path.split("/")
        if at >= len(segments):
            return None
        return unquote(segments[at].removeprefix(before).removesuffix(after))

    return read
