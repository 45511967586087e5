"""Recompiling what gateways serve, in the transaction of the change that makes it necessary.

A change that does not compile is refused as a whole: the registry never holds a world that the
gateways cannot be told.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from policies.compile import Compilation, compile_with_warnings
from policies.document import Policy
from policies.inputs import Deployed, Inputs
from policies.load import load
from policies.routing import Routing
from policies.snapshot import (
    ApiKeyPlan,
    ApplicationPlan,
    GrantPlan,
    IssuerPlan,
    LimitPlan,
    UsagePlan,
)
from registry.db.models import (
    Application,
    Credential,
    Deployment,
    Environment,
    Grant,
    Plan,
    PolicyFile,
    SigningKey,
    SnapshotRow,
    TrustedIssuer,
    VersionRow,
)
from registry.services.reading import contract_of
from registry.services.work import Work

KEPT = 50  # snapshots an environment keeps, newest first


def recompile(work: Work) -> None:
    """Compile every environment and store what changed. Raises what the compiler raises."""
    work.session.flush()
    for environment in work.session.scalars(select(Environment).order_by(Environment.name)):
        done = compile_environment(work, environment.name, _policies(work))
        current = newest(work, environment.name)
        if current is None or current.digest != done.snapshot.digest:
            _store(work, environment.name, done)


def newest(work: Work, environment: str) -> SnapshotRow | None:
    """Return the snapshot that gateways of the environment are served."""
    query = select(SnapshotRow).where(SnapshotRow.environment == environment)
    return work.session.scalars(query.order_by(SnapshotRow.id.desc()).limit(1)).first()


def compile_environment(work: Work, environment: str, policies: tuple[Policy, ...]) -> Compilation:
    """Return the compilation of one environment with these policies; store nothing."""
    keys = work.session.scalars(select(SigningKey).order_by(SigningKey.kid))
    issuer = IssuerPlan(
        name="treaty",
        issuer=work.issuer.issuer,
        audience=work.issuer.audience,
        algorithms=("RS256",),
        jwks={"keys": [key.public for key in keys]},
    )
    return compile_with_warnings(
        Inputs(
            environment=environment,
            deployments=_deployments(work, environment),
            policies=policies,
            applications=tuple(
                ApplicationPlan(id=row.id, name=row.name, team=row.team)
                for row in work.session.scalars(select(Application))
            ),
            api_keys=_api_keys(work),
            plans=tuple(
                UsagePlan(name=row.name, limits=tuple(LimitPlan(**limit) for limit in row.limits))
                for row in work.session.scalars(select(Plan))
            ),
            grants=_grants(work, environment),
            issuers=(issuer, *_trusted(work, environment)),
        )
    )


def _policies(work: Work) -> tuple[Policy, ...]:
    files = work.session.scalars(select(PolicyFile).order_by(PolicyFile.name))
    return policies_of({row.name: row.document for row in files})


def policies_of(files: dict[str, str]) -> tuple[Policy, ...]:
    """Return the policies of all files. Raises `TreatyError` (policy-conflict) for equal names."""
    found: dict[str, Policy] = {}
    for name, document in sorted(files.items()):
        for policy in load(document.encode(), source=f"{name}.yaml"):
            other = found.setdefault(policy.name, policy)
            if other is not policy:
                raise TreatyError(
                    catalog.POLICY_CONFLICT,
                    f"The policy {policy.name!r} stands at {other.place.file}:{other.place.line} "
                    f"and at {policy.place.file}:{policy.place.line}.",
                )
    return tuple(found.values())


def _deployments(work: Work, environment: str) -> tuple[Deployed, ...]:
    rows = list(
        work.session.scalars(select(Deployment).where(Deployment.environment == environment))
    )
    paths = {(row.contract, row.version): row.base_path for row in rows}
    found = []
    for row in rows:
        version = work.get(VersionRow, (row.contract, row.version), "version")
        found.append(
            Deployed(
                contract_id=row.contract,
                version=row.version,
                contract=contract_of(work, version),
                state=version.state,
                base_path=row.base_path,
                upstream=row.upstream,
                timeout_seconds=row.timeout_seconds,
                deprecated_at=epoch(version.deprecated_at),
                sunset_at=epoch(version.sunset_at),
                successor=paths.get((row.contract, version.successor or "")),
                routing=None if row.routing is None else Routing.model_validate(row.routing),
                place=f"deployment {row.id}",
            )
        )
    return tuple(found)


def _api_keys(work: Work) -> tuple[ApiKeyPlan, ...]:
    query = select(Credential).where(Credential.kind == "api-key", Credential.revoked_at.is_(None))
    return tuple(
        ApiKeyPlan(digest=row.digest, application=row.application, expires_at=epoch(row.expires_at))
        for row in work.session.scalars(query)
    )


def _trusted(work: Work, environment: str) -> tuple[IssuerPlan, ...]:
    query = select(TrustedIssuer).where(TrustedIssuer.environment == environment)
    rows = work.session.scalars(query.order_by(TrustedIssuer.name))
    return tuple(issuer_plan(row.name, row.facts) for row in rows)


def issuer_plan(name: str, facts: dict[str, Any]) -> IssuerPlan:
    """Return a trusted issuer as the compiler takes it."""
    return IssuerPlan(**(facts | {"name": name, "algorithms": tuple(facts["algorithms"])}))


def _grants(work: Work, environment: str) -> tuple[GrantPlan, ...]:
    query = select(Grant).where(Grant.environment == environment, Grant.state == "approved")
    return tuple(
        GrantPlan(
            application=row.application,
            contract=row.contract,
            plan=row.plan,
            scopes=tuple(sorted(row.scopes)),
            expires_at=epoch(row.expires_at),
            version=row.version,
        )
        for row in work.session.scalars(query)
    )


def _store(work: Work, environment: str, done: Compilation) -> None:
    session = work.session
    session.add(
        SnapshotRow(
            environment=environment,
            digest=done.snapshot.digest,
            body=done.snapshot.write().decode(),
            warnings=list(done.warnings),
            created_at=work.now(),
        )
    )
    session.flush()
    query = select(SnapshotRow).where(SnapshotRow.environment == environment)
    for old in session.scalars(query.order_by(SnapshotRow.id.desc()).offset(KEPT)):
        session.delete(old)
    work.record("snapshot.compiled", environment, digest=done.snapshot.digest)


def epoch(moment: datetime | None) -> int | None:
    """Return whole epoch seconds."""
    return int(moment.timestamp()) if moment else None
