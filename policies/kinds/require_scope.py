"""What the caller may do: scopes of the contract's `security`, and a live grant."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field

from contracts import catalog
from contracts.model import Requirement
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target
from policies.scopes import require_declared

_SCOPED = ("oauth2", "openIdConnect")
# Which credential of ours answers a scheme without scopes; no other scheme can be met here.
_CREDENTIALS = {"apiKey": "api-key", "http bearer": "bearer"}


class RequireScopeSpec(Spec):
    """Where the scopes come from: the contract, or alternatives (OR) of scopes (AND) given here."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: Literal["contract"] | None = Field(default=None, alias="from")
    any_of: tuple[tuple[str, ...], ...] = Field(default=(), max_length=50)


def compile_rule(spec: RequireScopeSpec, target: Target) -> Compiled | None:
    """Return the alternatives. Raises `TreatyError` (unknown-scope) for a scope nobody declares."""
    require_declared(target, (scope for scopes in spec.any_of for scope in scopes))
    security = target.operation.security
    if spec.any_of:
        alternatives = [sorted(set(alternative)) for alternative in spec.any_of]
    elif not security.alternatives or () in security.alternatives:
        return None
    else:
        return _from_contract(target)
    return Compiled({"alternatives": alternatives}, security.node.pointer)


def _from_contract(target: Target) -> Compiled:
    """Return the scopes of each alternative, and which credential a scopeless one asks for.

    `key or scoped token` must not become `any token`: beside an alternative with scopes, one
    without them counts only for a caller who used its own kind of credential.
    """
    security = target.operation.security
    alternatives, credentials = [], []
    for alternative in security.alternatives:
        types = [_type(target, requirement) for requirement in alternative]
        scopes = {
            scope
            for requirement, kind in zip(alternative, types, strict=True)
            if kind in _SCOPED
            for scope in requirement.scopes
        }
        alternatives.append(sorted(scopes))
        scoped = any(kind in _SCOPED for kind in types)
        credentials.append("" if scoped else _CREDENTIALS.get(types[0], "none"))
    if not any(alternatives):
        credentials = [""] * len(alternatives)
    settings: dict[str, object] = {"alternatives": alternatives}
    if any(credentials):
        settings["credentials"] = credentials
    return Compiled(settings, security.node.pointer)


def _type(target: Target, requirement: Requirement) -> str:
    scheme = target.contract.security_schemes.get(requirement.scheme)
    if scheme is None:
        # An undeclared scheme keeps its scopes: what is not known must not open a door.
        return _SCOPED[0]
    value = scheme.value
    if not isinstance(value, dict):
        return ""
    if value.get("type") == "http":
        return f"http {value.get('scheme')}".lower()
    return str(value.get("type"))


class RequireScope(RequestOnly):
    """Checks the grant first: without one, no scope helps."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        wanted = [frozenset(scopes) for scopes in settings["alternatives"]]
        credentials = settings.get("credentials", [""] * len(wanted))
        self._alternatives = list(zip(wanted, credentials, strict=True))
        self._granted: dict[tuple[str, ...], frozenset[str]] = {}  # by what the grants list

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 403 where the grant or all alternatives fail; keep the grant."""
        if exchange.application is None:
            return Denial(
                Problem(catalog.TOKEN_MISSING, "The operation needs an authenticated application."),
                (("WWW-Authenticate", 'Bearer realm="treaty"'),),
            )
        contract = exchange.contract.contract
        grant = ports.grant(exchange.application, contract)
        if grant is None or (grant.expires_at is not None and grant.expires_at <= ports.now()):
            state = "has no" if grant is None else "has an expired"
            sentence = f"The application {exchange.application!r} {state} grant for {contract}."
            return Denial(Problem(catalog.GRANT_MISSING, sentence))
        exchange.grant = grant
        granted = self._granted.get(grant.scopes)
        if granted is None:
            granted = self._granted[grant.scopes] = frozenset(grant.scopes)
        held = exchange.scopes & granted
        # A token with a proof is a bearer token and more.
        sent = "bearer" if exchange.credential == "dpop" else exchange.credential
        for wanted, credential in self._alternatives:
            if wanted <= held and (not credential or credential == sent):
                return None
        open_here = [
            scopes for scopes, credential in self._alternatives if credential in ("", sent)
        ] or [scopes for scopes, _ in self._alternatives]
        nearest = min(open_here, key=lambda wanted: (len(wanted - held), sorted(wanted)))
        return _refuse(exchange, nearest, nearest - held)


def _refuse(exchange: Exchange, wanted: frozenset[str], missing: frozenset[str]) -> Denial:
    scopes, lacking = " ".join(sorted(wanted)), ", ".join(sorted(missing))
    problem = Problem(
        catalog.SCOPE_MISSING,
        f"{exchange.operation.name} of {exchange.contract.contract} {exchange.contract.version} "
        f"needs the scope {lacking}, which the token or the grant of the application lacks.",
        extensions={
            "scope": scopes,
            "missing": sorted(missing),
            "policy": _policy(exchange),
            "contract": exchange.contract.contract,
            "contract_version": exchange.contract.version,
            "operation": exchange.operation.name,
        },
    )
    scheme = "DPoP" if exchange.credential == "dpop" else "Bearer"
    challenge = f'{scheme} realm="treaty", error="insufficient_scope", scope="{scopes}"'
    return Denial(problem, (("WWW-Authenticate", challenge),))


def _policy(exchange: Exchange) -> str:
    """Return the policy behind the refusal; the kind stands once on an operation."""
    rules = exchange.operation.rules
    return next((rule.source.policy for rule in rules if rule.kind == KIND.name), "")


_EXAMPLE = """\
policy: contract-scopes
kind: require-scope
spec: {from: contract}
"""

KIND = Kind(
    name="require-scope",
    stage=Stage.AUTHORISE,
    summary="Requires a live grant and the scopes of the contract's `security` (AND inside, OR between).",
    spec=RequireScopeSpec,
    compile=compile_rule,
    build=RequireScope,
    when="guarded",
    example=_EXAMPLE,
    problems=(catalog.TOKEN_MISSING, catalog.GRANT_MISSING, catalog.SCOPE_MISSING),
)
