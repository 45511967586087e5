"""The scopes that a contract knows; a policy may name no other."""

from collections.abc import Iterable

from contracts import catalog
from contracts.errors import TreatyError
from contracts.model import Contract, Node
from policies.kind import Target


def scopes_of(contract: Contract) -> frozenset[str]:
    """Return every scope the contract declares or asks for."""
    asked = {
        scope
        for operation in contract.operations
        for alternative in operation.security.alternatives
        for requirement in alternative
        for scope in requirement.scopes
    }
    return frozenset(asked) | _declared(contract)


def _declared(contract: Contract) -> frozenset[str]:
    schemes = contract.security_schemes.values()
    return frozenset[str]().union(*(declared_scopes(scheme) for scheme in schemes))


def declared_scopes(scheme: Node) -> frozenset[str]:
    """Return the scopes that an OAuth 2 scheme lists, in OpenAPI 3 or Swagger 2.0."""
    value = scheme.value if isinstance(scheme.value, dict) else {}
    flows = value.get("flows")
    holders = list(flows.values()) if isinstance(flows, dict) else [value]
    found = (holder.get("scopes") for holder in holders if isinstance(holder, dict))
    return frozenset(scope for scopes in found if isinstance(scopes, dict) for scope in scopes)


def require_declared(target: Target, scopes: Iterable[str]) -> None:
    """Raise `TreatyError` (unknown-scope) for the first scope that the contract does not know."""
    declared = _declared(target.contract)
    open_to_doubt = [scope for scope in scopes if scope not in declared]
    if not open_to_doubt:
        return  # once per operation, so what all operations ask for is not gathered needlessly
    known = scopes_of(target.contract)
    for scope in open_to_doubt:
        if scope not in known:
            raise TreatyError(
                catalog.UNKNOWN_SCOPE,
                f"the scope {scope[:100]!r} is not declared by {target.plan.contract} "
                f"{target.plan.version}; it declares: {', '.join(sorted(known)) or 'none'}",
            )


def require_declared_by_one(contracts: Iterable[Contract], scopes: Iterable[str]) -> None:
    """Raise `TreatyError` (unknown-scope) for the first scope that none of the contracts knows."""
    known = frozenset[str]().union(*(scopes_of(contract) for contract in contracts))
    for scope in scopes:
        if scope not in known:
            raise TreatyError(
                catalog.UNKNOWN_SCOPE,
                f"the scope {scope[:100]!r} is not declared by any selected contract; "
                f"they declare: {', '.join(sorted(known)) or 'none'}",
            )
