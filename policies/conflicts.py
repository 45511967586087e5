"""What may not stand beside each other: policies of a kind, names, routes, grants. Called by `compile`.

A policy wins over another only where its document says `overrides: <name>`; never by being more
specific, because nobody can see that from the document alone.
"""

import re
from collections.abc import Iterable, Sequence

from contracts import catalog
from contracts.errors import TreatyError
from contracts.model import Operation
from contracts.problem import Detail
from policies.document import Policy
from policies.inputs import Deployed, Inputs
from policies.kind import Kind
from policies.routing import meet
from policies.snapshot import OperationPlan

_TEMPLATE = re.compile(r"\{[^{}]*\}")
# `/-/...` is the gateway's own.
_RESERVED = "/-"


def require_distinct_names(policies: Iterable[Policy]) -> None:
    """Raise `TreatyError` (policy-conflict) where a name stands twice, in one file or in two."""
    first: dict[str, Policy] = {}
    for policy in policies:
        other = first.setdefault(policy.name, policy)
        if other is not policy:
            sentence = f"The name {policy.name!r} stands at {_at(other)} and {_at(policy)}."
            raise TreatyError(catalog.POLICY_CONFLICT, sentence, errors=_details(other, policy))


def require_known_overrides(policies: Sequence[Policy], builtin: Sequence[Policy]) -> None:
    """Raise `TreatyError` (invalid-policy) for an `overrides` without a target of its kind."""
    kinds = {policy.name: policy.kind for policy in (*builtin, *policies)}
    for policy in policies:
        if not policy.overrides:
            continue
        if kinds.get(policy.overrides) == policy.kind and policy.overrides != policy.name:
            continue
        sentence = (
            f"{_at(policy)}: the policy {policy.name!r} overrides {policy.overrides!r}, "
            f"which is no other policy of the kind {policy.kind}."
        )
        raise TreatyError(catalog.INVALID_POLICY, sentence, errors=_details(policy))


def surviving(kind: Kind, chosen: Sequence[Policy], operation: Operation) -> tuple[Policy, ...]:
    """Return the policies that hold on an operation, after `overrides`.

    Raises `TreatyError` (policy-conflict), naming both places, where two of one kind remain or
    where all override each other.
    """
    overridden = {policy.overrides for policy in chosen}
    left = tuple(policy for policy in chosen if policy.name not in overridden)
    if chosen and not left:
        raise _both(chosen[0], chosen[-1], operation, "override each other on")
    if len(left) > 1 and not kind.repeatable:
        raise _both(left[0], left[1], operation, f"both say {kind.name} for")
    return left


def require_distinct_routes(inputs: Inputs) -> None:
    """Raise `TreatyError` (route-conflict) where two deployments could both take one call."""
    _require_distinct_bases(inputs.deployments)
    claims: dict[tuple[str, str], list[tuple[Deployed, Operation]]] = {}
    for deployed in inputs.deployments:
        for operation in deployed.contract.operations:
            others = claims.setdefault(_route(deployed, operation), [])
            for other in others:
                if other[0] is not deployed and _meet(other[0], deployed):
                    raise _one_route(other, (deployed, operation))
            others.append((deployed, operation))


def require_reachable_pins(inputs: Inputs) -> None:
    """Raise `TreatyError` (route-conflict) for a pin, a pinned deployment or a canary led to by nobody."""
    shared = _shared(inputs.deployments)
    applications = {application.id for application in inputs.applications}
    for deployed in inputs.deployments:
        _require_known(deployed, applications)
        together = shared.get((deployed.contract_id, _base(deployed)), [])
        if _is_pinned(deployed) and not any(_is_default(other) for other in together):
            raise TreatyError(
                catalog.ROUTE_CONFLICT,
                f"{_named(deployed)} is `pinned`, and no deployment of the contract is the "
                f"`default` of {_base(deployed) or '/'}.",
            )
    for grant in inputs.grants:
        versions = {
            deployed.version
            for (contract, _), together in shared.items()
            if contract == grant.contract and len(together) > 1
            for deployed in together
        }
        if grant.version is not None and grant.version not in versions:
            known = ", ".join(sorted(versions)) or "none"
            raise TreatyError(
                catalog.ROUTE_CONFLICT,
                f"The grant of {grant.application} for {grant.contract} pins {grant.version!r}, "
                f"which shares no base path with another version; those that do: {known}.",
            )


def _require_known(deployed: Deployed, applications: set[str]) -> None:
    canary = None if deployed.routing is None else deployed.routing.canary
    unknown = sorted(set(canary.applications) - applications) if canary is not None else []
    if unknown:
        raise TreatyError(
            catalog.ROUTE_CONFLICT,
            f"The canary of {_named(deployed)} is for {unknown[0]!r}, which is no application.",
        )


def _shared(deployments: Iterable[Deployed]) -> dict[tuple[str, str], list[Deployed]]:
    """Return the deployments by contract and base path."""
    found: dict[tuple[str, str], list[Deployed]] = {}
    for deployed in deployments:
        found.setdefault((deployed.contract_id, _base(deployed)), []).append(deployed)
    return found


def _meet(one: Deployed, other: Deployed) -> bool:
    same = (one.contract_id, one.version) == (other.contract_id, other.version)
    return meet(one.routing, other.routing, one_version=same)


def _is_default(deployed: Deployed) -> bool:
    return deployed.routing is not None and deployed.routing.default


def _is_pinned(deployed: Deployed) -> bool:
    return deployed.routing is not None and deployed.routing.pinned


def _base(deployed: Deployed) -> str:
    return deployed.base_path.rstrip("/")


def alike(deployed: Deployed, plans: Sequence[OperationPlan]) -> tuple[str, ...]:
    """Return warnings for operations of one contract that no path can tell apart.

    Real vendors publish `/a/{id}` beside `/a/{name}`. As long as both demand the same, it does not
    matter which is meant. Raises `TreatyError` (route-conflict) where their rules differ.
    """
    operations = {operation.key: operation for operation in deployed.contract.operations}
    first: dict[tuple[str, str], OperationPlan] = {}
    warnings = []
    for plan in plans:
        operation = operations[f"{plan.method} {plan.path}"]
        other = first.setdefault(_route(deployed, operation), plan)
        if other is plan:
            continue
        twin = operations[f"{other.method} {other.path}"]
        if _demands(other) != _demands(plan):
            raise _one_route((deployed, twin), (deployed, operation))
        warnings.append(
            f"{_written(deployed, operation)}: {_named(deployed)} {operation.key} cannot be told "
            f"from {twin.key}; both have the same rules"
        )
    return tuple(warnings)


def _demands(plan: OperationPlan) -> list[object]:
    return [(rule.kind, rule.mode, rule.settings, rule.when) for rule in plan.rules]


def _route(deployed: Deployed, operation: Operation) -> tuple[str, str]:
    path = _base(deployed) + operation.path
    # Which of /a/{x} and /a/{y} is meant cannot be told from a path.
    return operation.method, _TEMPLATE.sub("{}", path)


def _one_route(*claims: tuple[Deployed, Operation]) -> TreatyError:
    named = sorted(f"{_named(d)} {o.key} ({_written(d, o)})" for d, o in claims)
    method, path = _route(*claims[0])
    sentence = f"{' and '.join(named)} both claim {method} {path}."
    return TreatyError(catalog.ROUTE_CONFLICT, sentence)


def _require_distinct_bases(deployments: Iterable[Deployed]) -> None:
    claims: dict[str, list[Deployed]] = {}
    for deployed in deployments:
        base = _base(deployed)
        if (base and not base.startswith("/")) or base == _RESERVED or base.startswith("/-/"):
            raise TreatyError(
                catalog.ROUTE_CONFLICT,
                f"{_named(deployed)} claims {deployed.base_path!r}; a base path starts with `/`, "
                f"and `{_RESERVED}/` belongs to the gateway.",
            )
        for other in claims.setdefault(base, []):
            if _meet(other, deployed):
                both = " and ".join(sorted((_named(other), _named(deployed))))
                raise TreatyError(catalog.ROUTE_CONFLICT, f"{both} both claim {base or '/'}.")
        claims[base].append(deployed)


def _named(deployed: Deployed) -> str:
    named = f"{deployed.contract_id} {deployed.version}"
    return f"{named} ({deployed.place})" if deployed.place else named


def _written(deployed: Deployed, operation: Operation) -> str:
    place = deployed.contract.document.place(operation.node.pointer)
    return f"{place.file}:{place.line}"


def _both(one: Policy, other: Policy, operation: Operation, verb: str) -> TreatyError:
    sentence = (
        f"The policies {one.name!r} ({_at(one)}) and {other.name!r} ({_at(other)}) "
        f"{verb} {operation.key}."
    )
    return TreatyError(catalog.POLICY_CONFLICT, sentence, errors=_details(one, other))


def _at(policy: Policy) -> str:
    return f"{policy.place.file}:{policy.place.line}"


def _details(*policies: Policy) -> tuple[Detail, ...]:
    return tuple(
        Detail(f"the policy {p.name!r}", "", p.place.file, p.place.line, p.place.column)
        for p in policies
    )
