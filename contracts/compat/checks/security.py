"""Checks on security: requirements (AND inside, OR between), schemes and scopes."""

from collections.abc import Iterator, Mapping

from contracts import pointer as jp
from contracts.compat.check import REQUEST, Hit, check
from contracts.compat.pairs import SchemePair, SecurityPair
from contracts.document import Json
from contracts.model import Node, Requirement, Security
from contracts.report import Effect

Alternative = Mapping[str, frozenset[str]]


@check(
    "security-added",
    Effect.NARROWS,
    SecurityPair,
    directions=REQUEST,
    why="Calls without credentials are now refused.",
    fix="Leave the old way open until clients have credentials, or release a new major version.",
)
def security_added(pair: SecurityPair) -> Iterator[Hit]:
    """An operation that was open to everybody now asks for credentials."""
    if _open(pair.old) and not _open(pair.new):
        yield Hit(f"it was open and now asks for {_alternatives(pair.new)}")


@check(
    "security-removed",
    Effect.WIDENS,
    SecurityPair,
    directions=REQUEST,
    why="Calls with credentials work as before; make sure that it is meant.",
)
def security_removed(pair: SecurityPair) -> Iterator[Hit]:
    """An operation that asked for credentials is now open to everybody."""
    if _open(pair.new) and not _open(pair.old):
        yield Hit(f"it asked for {_alternatives(pair.old)} and is now open to everybody")


@check(
    "security-scope-required",
    Effect.NARROWS,
    SecurityPair,
    directions=REQUEST,
    why="Tokens that sufficed are now refused.",
    fix="Accept the old scopes as an alternative until grants are renewed.",
)
def security_scope_required(pair: SecurityPair) -> Iterator[Hit]:
    """A scheme that clients use now asks for a further scope."""
    for index, alternative in _lost(pair.old, pair.new):
        scopes = _further_scopes(alternative, pair.new)
        if scopes:
            listed = ", ".join(f"`{scope}`" for scope in scopes)
            text = f"credentials of {_describe(alternative)} now need the further scope {listed}"
            yield Hit(text, old=jp.join(pair.site.old, index))


@check(
    "security-scope-released",
    Effect.WIDENS,
    SecurityPair,
    directions=REQUEST,
    why="Tokens that sufficed still do.",
)
def security_scope_released(pair: SecurityPair) -> Iterator[Hit]:
    """A scheme asks for fewer scopes than before."""
    for index, alternative in _lost(pair.new, pair.old):
        scopes = _further_scopes(alternative, pair.old)
        if scopes:
            listed = ", ".join(f"`{scope}`" for scope in scopes)
            text = f"credentials of {_describe(alternative)} no longer need the scope {listed}"
            yield Hit(text, new=jp.join(pair.site.new, index))


@check(
    "security-tightened",
    Effect.NARROWS,
    SecurityPair,
    directions=REQUEST,
    why="Credentials that sufficed are now refused.",
    fix="Keep the old way as an alternative until clients have moved.",
)
def security_tightened(pair: SecurityPair) -> Iterator[Hit]:
    """A combination of schemes that clients use no longer suffices."""
    for index, alternative in _lost(pair.old, pair.new):
        if not _further_scopes(alternative, pair.new):
            text = f"{_describe(alternative)} no longer suffices; now: {_alternatives(pair.new)}"
            yield Hit(text, old=jp.join(pair.site.old, index))


@check(
    "security-loosened",
    Effect.WIDENS,
    SecurityPair,
    directions=REQUEST,
    why="Credentials that sufficed still do.",
)
def security_loosened(pair: SecurityPair) -> Iterator[Hit]:
    """A further combination of schemes suffices."""
    for index, alternative in _lost(pair.new, pair.old):
        if not _further_scopes(alternative, pair.old):
            yield Hit(f"{_describe(alternative)} now suffices", new=jp.join(pair.site.new, index))


@check(
    "security-scheme-added",
    Effect.NONE,
    SchemePair,
    directions=REQUEST,
    why="Operations that use it say so themselves.",
)
def security_scheme_added(pair: SchemePair) -> Iterator[Hit]:
    """A security scheme is new."""
    if pair.old is None:
        yield Hit("the scheme is new")


@check(
    "security-scheme-removed",
    Effect.NONE,
    SchemePair,
    directions=REQUEST,
    why="Operations that lose it say so themselves.",
)
def security_scheme_removed(pair: SchemePair) -> Iterator[Hit]:
    """A security scheme is gone."""
    if pair.new is None:
        yield Hit("the scheme is gone")


@check(
    "security-scheme-changed",
    Effect.CHANGES,
    SchemePair,
    directions=REQUEST,
    why="Clients present credentials in a way that is no longer accepted.",
    fix="Add the new way as a further scheme and keep the old one as an alternative.",
)
def security_scheme_changed(pair: SchemePair) -> Iterator[Hit]:
    """The type of a scheme that operations use, or where its credentials are written, changed."""
    if pair.used:
        yield from _differences(pair)


@check(
    "unused-security-scheme-changed",
    Effect.NONE,
    SchemePair,
    directions=REQUEST,
    why="No operation of the old version asks for it.",
)
def unused_security_scheme_changed(pair: SchemePair) -> Iterator[Hit]:
    """A security scheme that no operation used changed."""
    if not pair.used:
        yield from _differences(pair)


@check(
    "oauth-scope-declared",
    Effect.WIDENS,
    SchemePair,
    directions=REQUEST,
    why="Clients may ask for more.",
)
def oauth_scope_declared(pair: SchemePair) -> Iterator[Hit]:
    """A security scheme declares a further scope."""
    for scope in sorted(_scopes(pair.new) - _scopes(pair.old)) if pair.old else ():
        yield _scope_hit(pair, scope, f"scope `{scope}` is new")


@check(
    "oauth-scope-undeclared",
    Effect.NARROWS,
    SchemePair,
    directions=REQUEST,
    why="A client that asks for it may get no token.",
    fix="Keep declaring the scope until no client asks for it.",
)
def oauth_scope_undeclared(pair: SchemePair) -> Iterator[Hit]:
    """A security scheme no longer declares a scope."""
    for scope in sorted(_scopes(pair.old) - _scopes(pair.new)) if pair.new else ():
        yield _scope_hit(pair, scope, f"scope `{scope}` is gone")


@check(
    "oauth-flow-removed",
    Effect.NARROWS,
    SchemePair,
    directions=REQUEST,
    why="Clients that get their tokens this way get none any more.",
    fix="Keep the flow until no client uses it.",
)
def oauth_flow_removed(pair: SchemePair) -> Iterator[Hit]:
    """A security scheme that operations use no longer offers an OAuth flow."""
    if pair.used and _is(pair, "oauth2"):
        for flow in sorted(_flows(pair.old).keys() - _flows(pair.new).keys()):
            at = jp.join(pair.site.old, "flows", flow), jp.join(pair.site.new, "flows")
            yield Hit(f"the flow `{flow}` is gone", *at)


@check(
    "oauth-flow-added",
    Effect.WIDENS,
    SchemePair,
    directions=REQUEST,
    why="Clients may get their tokens in a further way.",
)
def oauth_flow_added(pair: SchemePair) -> Iterator[Hit]:
    """A security scheme offers a further OAuth flow."""
    if _is(pair, "oauth2"):
        for flow in sorted(_flows(pair.new).keys() - _flows(pair.old).keys()):
            at = jp.join(pair.site.old, "flows"), jp.join(pair.site.new, "flows", flow)
            yield Hit(f"the flow `{flow}` is new", *at)


@check(
    "oauth-address-changed",
    Effect.CHANGES,
    SchemePair,
    directions=REQUEST,
    why="Clients have the address of the issuer in their configuration.",
    fix="Keep the old address answering until clients have moved.",
)
def oauth_address_changed(pair: SchemePair) -> Iterator[Hit]:
    """The address for authorisation, tokens, refreshing or metadata is another one."""
    flows = _flows(pair.new)
    after = _addresses(pair.new)
    for name, address in _addresses(pair.old).items() if pair.new else ():
        keyword, _, flow = name.partition(" of ")
        if after.get(name) != address and (not flow or flow in flows):
            now = after.get(name, "none")
            tokens = ("flows", flow, keyword) if flow else (keyword,)
            text = f"the {name} changed from `{address}` to `{now}`"
            yield Hit(text, jp.join(pair.site.old, *tokens), jp.join(pair.site.new, *tokens))


def _differences(pair: SchemePair) -> Iterator[Hit]:
    for keyword in ("type", "scheme", "in", "name", "openIdConnectUrl"):
        before, after = _text(pair.old, keyword), _text(pair.new, keyword)
        same = before == after if keyword == "openIdConnectUrl" else before.lower() == after.lower()
        if pair.old and pair.new and not same:
            text = f"`{keyword}` changed from `{before or 'none'}` to `{after or 'none'}`"
            yield Hit(text, jp.join(pair.site.old, keyword), jp.join(pair.site.new, keyword))


def _is(pair: SchemePair, kind: str) -> bool:
    return all(_text(node, "type") == kind for node in (pair.old, pair.new))


def _alternative(requirements: tuple[Requirement, ...]) -> Alternative:
    return {item.scheme: frozenset(item.scopes) for item in requirements}


def _open(security: Security) -> bool:
    return not security.alternatives or () in security.alternatives


def _lost(before: Security, after: Security) -> Iterator[tuple[int, Alternative]]:
    """Yield what sufficed before and does not after, where neither side is open."""
    if _open(before) or _open(after):
        return
    accepted = [_alternative(requirements) for requirements in after.alternatives]
    for index, requirements in enumerate(before.alternatives):
        offered = _alternative(requirements)
        if not any(_suffices(offered, wanted) for wanted in accepted):
            yield index, offered


def _suffices(offered: Alternative, wanted: Alternative) -> bool:
    return all(scheme in offered and scopes <= offered[scheme] for scheme, scopes in wanted.items())


def _further_scopes(offered: Alternative, security: Security) -> list[str]:
    """Return the scopes that alone are missing for the nearest alternative, or nothing."""
    missing = []
    for requirements in security.alternatives:
        wanted = _alternative(requirements)
        if wanted.keys() <= offered.keys():
            missing.append(sorted({s for k, v in wanted.items() for s in v - offered[k]}))
    return min(missing, key=len, default=[])


def _describe(alternative: Alternative) -> str:
    names = [
        f"`{scheme}`" + (f" ({', '.join(sorted(scopes))})" if scopes else "")
        for scheme, scopes in sorted(alternative.items())
    ]
    return " and ".join(names)


def _alternatives(security: Security) -> str:
    return " or ".join(_describe(_alternative(item)) for item in security.alternatives)


def _text(node: Node | None, keyword: str) -> str:
    value = node.value.get(keyword) if node and isinstance(node.value, dict) else None
    return value if isinstance(value, str) else ""


def _flows(node: Node | None) -> dict[str, dict[str, Json]]:
    value = node.value if node and isinstance(node.value, dict) else {}
    flows = value.get("flows")
    if not isinstance(flows, dict):
        return {}
    return {name: flow for name, flow in flows.items() if isinstance(flow, dict)}


def _scopes(node: Node | None) -> frozenset[str]:
    found: set[str] = set()
    for flow in _flows(node).values():
        scopes = flow.get("scopes")
        found.update(scopes if isinstance(scopes, dict) else ())
    return frozenset(found)


def _addresses(node: Node | None) -> dict[str, str]:
    found = {
        f"{keyword} of {name}": address
        for name, flow in _flows(node).items()
        for keyword in ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")
        if isinstance(address := flow.get(keyword), str)
    }
    metadata = _text(node, "oauth2MetadataUrl")
    return found | ({"oauth2MetadataUrl": metadata} if metadata else {})


def _scope_hit(pair: SchemePair, scope: str, text: str) -> Hit:
    def at(node: Node | None, default: str) -> str:
        for name, flow in _flows(node).items():
            scopes = flow.get("scopes")
            if isinstance(scopes, dict) and scope in scopes and node:
                return jp.join(node.pointer, "flows", name, "scopes", scope)
        return jp.join(default, "flows")

    return Hit(text, at(pair.old, pair.site.old), at(pair.new, pair.site.new))


CHECKS = (
    security_added,
    security_removed,
    security_scope_required,
    security_scope_released,
    security_tightened,
    security_loosened,
    security_scheme_added,
    security_scheme_removed,
    security_scheme_changed,
    unused_security_scheme_changed,
    oauth_flow_removed,
    oauth_flow_added,
    oauth_scope_declared,
    oauth_scope_undeclared,
    oauth_address_changed,
)
