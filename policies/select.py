"""Whether a policy selects an operation of a deployed version, and which of its globs are idle."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from policies.document import Selector
from policies.inputs import Deployed
from policies.kind import Target


def selects(selector: Selector, target: Target, environment: str) -> bool:
    """Return whether every stated list has a glob that matches."""
    operation = target.operation
    names = (operation.key, operation.operation_id or operation.key)
    return (
        _any(selector.contracts, target.plan.contract)
        and _any(selector.versions, target.plan.version)
        and _any(selector.operations, *names)
        and _any(selector.environments, environment)
    )


def idle_globs(selector: Selector, deployments: Iterable[Deployed]) -> tuple[str, ...]:
    """Return the globs that match nothing deployed, as `operations: lsitProjects`.

    Environments are left out: a policy may well be written for several of them.
    """
    chosen = [d for d in deployments if _any(selector.contracts, d.contract_id)]
    of_version = [d for d in chosen if _any(selector.versions, d.version)]
    operations = [
        name
        for deployed in of_version
        for operation in deployed.contract.operations
        for name in (operation.key, operation.name)
    ]
    known = (
        ("contracts", selector.contracts, [d.contract_id for d in chosen]),
        ("versions", selector.versions, [d.version for d in chosen]),
        ("operations", selector.operations, operations),
    )
    return tuple(
        f"{member}: {glob}"
        for member, globs, names in known
        for glob in globs
        if not _any((glob,), *names)
    )


def _any(globs: tuple[str, ...], *names: str) -> bool:
    return not globs or any(fnmatchcase(name, glob) for glob in globs for name in names)
