"""Checks on the addresses of a contract or of one operation: hosts, base paths and variables."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from contracts import pointer as jp
from contracts.compat.check import REQUEST, Hit, check
from contracts.compat.pairs import ServersPair
from contracts.document import Json
from contracts.model import Server
from contracts.report import Effect


@check(
    "server-removed",
    Effect.NARROWS,
    ServersPair,
    directions=REQUEST,
    why="Clients have the address in their configuration.",
    fix="Keep the old address answering, or announce when it stops.",
)
def server_removed(pair: ServersPair) -> Iterator[Hit]:
    """A server address is no longer listed."""
    if pair.new and not _moved(pair):
        for server in _missing(pair.old, pair.new):
            at = jp.join(pair.site.new, "servers")
            yield Hit(f"the address `{server.url}` is no longer listed", server.node.pointer, at)


@check(
    "server-added",
    Effect.WIDENS,
    ServersPair,
    directions=REQUEST,
    why="Clients may use a further address.",
)
def server_added(pair: ServersPair) -> Iterator[Hit]:
    """A further server address is listed."""
    if pair.old and not _moved(pair):
        for server in _missing(pair.new, pair.old):
            at = jp.join(pair.site.old, "servers")
            yield Hit(f"the address `{server.url}` is new", at, server.node.pointer)


@check(
    "base-path-changed",
    Effect.CHANGES,
    ServersPair,
    directions=REQUEST,
    why="Every call goes to the old path on the same host, where nothing answers.",
    fix="Serve the old base path too, and list it beside the new one.",
)
def base_path_changed(pair: ServersPair) -> Iterator[Hit]:
    """The path that stands before all paths is another one on every host that stays."""
    for old, new in _moved(pair):
        text = f"the base path changed from `{_base(old) or '/'}` to `{_base(new) or '/'}`"
        yield Hit(text, old.node.pointer, new.node.pointer)
        return


@check(
    "server-variable-value-removed",
    Effect.NARROWS,
    ServersPair,
    directions=REQUEST,
    why="Clients that fill in the value reach nothing any more.",
    fix="Keep the address with the old value answering.",
)
def server_variable_value_removed(pair: ServersPair) -> Iterator[Hit]:
    """A variable of a server address may no longer have a value."""
    for name, before, after, places in _variables(pair):
        old, new = before.get("enum"), after.get("enum")
        if isinstance(new, list):
            known = old if isinstance(old, list) else [before.get("default")]
            gone = [value for value in known if value is not None and value not in new]
            for value in gone:
                yield _variable(name, f"may no longer be `{value}`", places, "enum")


@check(
    "server-variable-value-added",
    Effect.WIDENS,
    ServersPair,
    directions=REQUEST,
    why="Clients may go on with the values they have.",
)
def server_variable_value_added(pair: ServersPair) -> Iterator[Hit]:
    """A variable of a server address may have further values."""
    for name, before, after, places in _variables(pair):
        old, new = before.get("enum"), after.get("enum")
        if isinstance(old, list):
            fresh = [v for v in new if v not in old] if isinstance(new, list) else ["any value"]
            for value in fresh:
                yield _variable(name, f"may now be `{value}`", places, "enum")


@check(
    "server-variable-default-changed",
    Effect.NONE,
    ServersPair,
    directions=REQUEST,
    why="Clients that leave the variable alone now reach another address.",
    fix="Keep the default.",
)
def server_variable_default_changed(pair: ServersPair) -> Iterator[Hit]:
    """The default of a variable of a server address is another one."""
    for name, before, after, places in _variables(pair):
        if "default" in before and before["default"] != after.get("default"):
            text = f"defaults to `{after.get('default')}` now; it was `{before['default']}`"
            yield _variable(name, text, places, "default")


Variable = tuple[str, dict[str, Json], dict[str, Json], tuple[str, str]]


def _variables(pair: ServersPair) -> Iterator[Variable]:
    for old in pair.old:
        new = next((server for server in pair.new if server.url == old.url), None)
        for name, before in old.variables.items():
            after = new.variables.get(name) if new else None
            if after and isinstance(before.value, dict) and isinstance(after.value, dict):
                yield name, before.value, after.value, (before.pointer, after.pointer)


def _variable(name: str, text: str, places: tuple[str, str], keyword: str) -> Hit:
    old, new = (jp.join(place, keyword) for place in places)
    return Hit(f"the server variable `{name}` {text}", old, new)


def _moved(pair: ServersPair) -> list[tuple[Server, Server]]:
    """Return old and new servers of the same hosts, where no base path is kept."""
    found = [(old, new) for old in pair.old for new in pair.new if _host(old) == _host(new)]
    kept = any(_base(old) == _base(new) for old, new in found)
    return [] if kept else found


def _host(server: Server) -> str:
    return _split(server.url)[0]


def _base(server: Server) -> str:
    return _split(server.url)[1]


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:  # a broken IPv6 host is an address like any other
        return url, ""
    return parts.netloc.lower(), parts.path.rstrip("/")


def _missing(these: tuple[Server, ...], those: tuple[Server, ...]) -> list[Server]:
    others = {server.url.rstrip("/") for server in those}
    return [server for server in these if server.url.rstrip("/") not in others]


CHECKS = (
    server_removed,
    server_added,
    base_path_changed,
    server_variable_value_removed,
    server_variable_value_added,
    server_variable_default_changed,
)
