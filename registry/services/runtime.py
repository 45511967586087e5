"""Environments, deployments and policy files: what gateways enforce, and where it leads."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from contracts.ids import Version
from policies.explain import explain
from policies.load import load
from policies.replay import Replayed, replay
from policies.routing import Routing
from registry.db.models import (
    ContractRow,
    Deployment,
    Environment,
    Gateway,
    LedgerBatch,
    LedgerEntry,
    PolicyFile,
    Service,
)
from registry.permissions import Permission
from registry.services import snapshots
from registry.services.publish import find
from registry.services.work import Work

_MAX_REPLAYED = 200_000
_REPLAYED = (
    "application", "contract", "version", "operation", "at", "status", "count", "decisions",
)  # fmt: skip


def create_environment(work: Work, name: str, title: str, production: bool) -> Environment:
    """Add an environment and compile its first, empty snapshot."""
    work.require(Permission.ENVIRONMENT_WRITE)
    row = Environment(
        name=name, title=title, production=production, revision=1, created_at=work.now()
    )
    work.add_new(row, name, "environment")
    work.record("environment.created", name, production=production)
    snapshots.recompile(work)
    return row


def deploy(
    work: Work,
    environment: str,
    *,
    contract: str,
    version: str,
    upstream: str,
    base_path: str | None,
    timeout_seconds: float,
    routing: Routing | None = None,
) -> Deployment:
    """Put a version behind a base path. Deploying the same again changes upstream and routing.

    Raises `TreatyError`: not-found, invalid-state, route-conflict.
    """
    work.get(Environment, environment, "environment")
    row = work.get(ContractRow, contract, "contract")
    service = work.get(Service, row.service, "service")
    work.require(Permission.ENVIRONMENT_WRITE, service.owner)
    found = find(work, contract, version)
    if found.state == "retired":
        raise TreatyError(catalog.INVALID_STATE, f"{contract} {found.version} is retired.")
    path = base_path or _default_path(row, found.version)
    known = _known(work, environment, path, (contract, found.version), shares=routing is not None)
    deployment = known or Deployment(
        environment=environment, contract=contract, version=found.version, base_path=path,
        created_at=work.now(), upstream=upstream, timeout_seconds=timeout_seconds,
    )  # fmt: skip
    deployment.upstream, deployment.timeout_seconds = upstream, timeout_seconds
    deployment.routing = None if routing is None else routing.model_dump(mode="json")
    work.session.add(deployment)
    work.session.flush()
    work.record(
        "deployment.recorded",
        f"{contract}@{found.version}",
        environment=environment,
        base_path=path,
    )
    snapshots.recompile(work)
    return deployment


def _known(
    work: Work, environment: str, path: str, version: tuple[str, str], *, shares: bool
) -> Deployment | None:
    """Return the deployment that is said again; whoever shares its path says how (`routing`).

    Raises `TreatyError` (route-conflict). What overlaps in spite of it is the compiler's to refuse.
    """
    query = select(Deployment).where(
        Deployment.environment == environment, Deployment.base_path == path
    )
    there = list(work.session.scalars(query.order_by(Deployment.id)))
    known = next((row for row in there if (row.contract, row.version) == version), None)
    if known is None and there and not shares:
        other = there[0]
        raise TreatyError(
            catalog.ROUTE_CONFLICT,
            f"{other.contract} {other.version} already has {path} in {environment}; choose another "
            "`base_path`, remove that deployment, or say by `routing` how they share the path.",
        )
    return known


def _default_path(row: ContractRow, version: str) -> str:
    parsed = Version.parse(version)
    return f"/{row.service}/{row.name}/" + (f"v{parsed.major}" if parsed else version)


def undeploy(work: Work, deployment: Deployment) -> None:
    """Take a version out of an environment."""
    contract = work.get(ContractRow, deployment.contract, "contract")
    service = work.get(Service, contract.service, "service")
    work.require(Permission.ENVIRONMENT_WRITE, service.owner)
    work.session.delete(deployment)
    work.record(
        "deployment.removed", f"{deployment.contract}@{deployment.version}",
        environment=deployment.environment,
    )  # fmt: skip
    snapshots.recompile(work)


def write_policy(work: Work, name: str, document: str, row: PolicyFile | None) -> PolicyFile:
    """Create or replace a policy file. Raises what loading and compiling raise."""
    work.require(Permission.POLICY_WRITE)
    load(document.encode(), source=f"{name}.yaml")
    if row is None:
        row = PolicyFile(name=name, document=document, revision=1, created_at=work.now())
        work.session.add(row)
    else:
        row.document = document
        row.revision += 1
    work.session.flush()
    work.record("policy.written", name, revision=row.revision)
    snapshots.recompile(work)
    return row


def delete_policy(work: Work, row: PolicyFile) -> None:
    """Remove a policy file; the baseline stands where nothing else does."""
    work.require(Permission.POLICY_WRITE)
    work.session.delete(row)
    work.record("policy.deleted", row.name)
    snapshots.recompile(work)


def check_policy(work: Work, name: str, document: str) -> list[str]:
    """Compile every environment with a draft in place; return the warnings, store nothing."""
    work.require(Permission.CATALOG_READ)
    files = {row.name: row.document for row in work.session.scalars(select(PolicyFile))}
    policies = snapshots.policies_of(files | {name: document})
    warnings: list[str] = []
    for environment in work.session.scalars(select(Environment).order_by(Environment.name)):
        warnings += snapshots.compile_environment(work, environment.name, policies).warnings
    return warnings


def test_policy(work: Work, name: str, document: str, environment: str, days: int) -> Replayed:
    """Replay the ledger of the last days against a draft; store nothing.

    Raises `TreatyError`: forbidden, not-found, and what does not compile.
    """
    work.require(Permission.LEDGER_READ)
    work.get(Environment, environment, "environment")
    files = {row.name: row.document for row in work.session.scalars(select(PolicyFile))}
    policies = snapshots.policies_of(files | {name: document})
    draft = snapshots.compile_environment(work, environment, policies).snapshot
    now = work.now()
    since = now - timedelta(days=days)
    gateways = select(Gateway.name).where(Gateway.environment == environment)
    rows = work.session.scalars(
        select(LedgerEntry)
        .join(LedgerBatch, LedgerBatch.id == LedgerEntry.batch)
        .where(LedgerEntry.at >= since, LedgerBatch.gateway.in_(gateways))
        .order_by(LedgerEntry.id.desc())
        .limit(_MAX_REPLAYED)
    )
    entries = ({each: getattr(row, each) for each in _REPLAYED} for row in rows)
    return replay(entries, draft, since, now)


def explain_call(work: Work, environment: str, call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the decision path of a call in an environment. Raises `TreatyError` (not-found)."""
    work.get(Environment, environment, "environment")
    policies = snapshots.policies_of(
        {row.name: row.document for row in work.session.scalars(select(PolicyFile))}
    )
    snapshot = snapshots.compile_environment(work, environment, policies).snapshot
    scopes = call["scopes"]
    return explain(
        snapshot, call["contract"], call["operation"], call["application"],
        scopes=None if scopes is None else frozenset(scopes), now=work.now().timestamp(),
        claims=call["claims"],
        headers={name.lower(): value for name, value in call["headers"].items()},
    )  # fmt: skip
