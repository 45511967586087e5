"""Contracts and the life of their versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from registry.db.models import ContractRow, Deployment, Service, VersionRow
from registry.permissions import Permission
from registry.services import snapshots
from registry.services.judging import require_profile, terms_of
from registry.services.work import Work

# From which state a version may go where; nothing comes back from the dead.
STEPS = {
    "published": {"published", "deprecated", "sunset"},
    "deprecated": {"published", "deprecated", "sunset"},
    "sunset": {"sunset", "retired"},
    "retired": {"retired"},
}


def create_contract(work: Work, facts: dict[str, Any]) -> ContractRow:
    """Add a contract to a service; its id is `service.name`."""
    service = work.get(Service, facts["service"], "service")
    work.require(Permission.CONTRACT_PUBLISH, service.owner)
    contract_id = f"{service.name}.{facts['name']}"
    require_profile(facts["format"], facts["profile"])
    row = ContractRow(id=contract_id, **facts, revision=1, created_at=work.now())
    work.add_new(row, contract_id, "contract")
    work.record("contract.created", contract_id, **_terms(row))
    return row


def update_contract(work: Work, row: ContractRow, changes: dict[str, Any]) -> ContractRow:
    """Change title or terms; changing what is promised is an administrator's step, and audited.

    Raises `TreatyError`: forbidden, conflict (a profile that cannot judge the format).
    """
    service = work.get(Service, row.service, "service")
    work.require(Permission.CONTRACT_PUBLISH, service.owner)
    before = _terms(row)
    if any(changes.get(name, value) != value for name, value in before.items()):
        work.require(Permission.CONTRACT_ADMIN)
        require_profile(row.format, changes.get("profile", row.profile))
    for name, value in changes.items():
        setattr(row, name, value)
    row.revision += 1
    work.record("contract.updated", row.id, before=before, after=_terms(row))
    return row


def _terms(row: ContractRow) -> dict[str, str]:
    terms = terms_of(row)
    return {
        "compatibility": row.compatibility,
        "profile": terms.profile.value,
        "policy": terms.policy.value,
    }


def change_state(
    work: Work,
    version: VersionRow,
    state: str,
    *,
    deprecated_at: datetime | None,
    sunset_at: datetime | None,
    successor: str | None,
) -> VersionRow:
    """Move a version through its life and recompile the environments that serve it.

    Raises `TreatyError`: invalid-state, not-found (successor), invalid-request (dates).
    """
    contract = work.get(ContractRow, version.contract, "contract")
    service = work.get(Service, contract.service, "service")
    work.require(Permission.CONTRACT_PUBLISH, service.owner)
    if state not in STEPS[version.state]:
        raise TreatyError(
            catalog.INVALID_STATE, f"A {version.state} version cannot become {state}."
        )
    if successor is not None:
        work.get(VersionRow, (version.contract, successor), "version")
    deprecated_at = deprecated_at or version.deprecated_at or work.now()
    if state == "published":
        version.deprecated_at = version.sunset_at = version.successor = None
    else:
        version.deprecated_at = deprecated_at
        version.sunset_at = sunset_at or version.sunset_at
        version.successor = successor or version.successor
    if version.sunset_at and version.deprecated_at and version.sunset_at < version.deprecated_at:
        # RFC 9745 section 4: the sunset must not be earlier than the deprecation.
        raise TreatyError(catalog.CONFLICT, "The sunset date is before the deprecation date.")
    if state == "retired" and _deployed(work, version):
        raise TreatyError(catalog.INVALID_STATE, "The version is still deployed somewhere.")
    version.state = state
    work.record(
        f"version.{state}", f"{version.contract}@{version.version}",
        sunset_at=version.sunset_at.isoformat() if version.sunset_at else None,
        successor=version.successor,
    )  # fmt: skip
    snapshots.recompile(work)
    return version


def _deployed(work: Work, version: VersionRow) -> bool:
    query = select(Deployment.id).where(
        Deployment.contract == version.contract, Deployment.version == version.version
    )
    return work.session.scalars(query.limit(1)).first() is not None
