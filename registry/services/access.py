"""Applications, their credentials, plans, and grants."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from policies.scopes import scopes_of
from registry.db.models import (
    ApiToken,
    Application,
    ContractRow,
    Credential,
    Environment,
    Grant,
    Plan,
    Service,
    Team,
)
from registry.permissions import ROLES, Permission
from registry.services import snapshots
from registry.services.publish import latest
from registry.services.reading import contract_of
from registry.services.work import Work


def digest_of(secret: str) -> str:
    """Return the stored form of a secret; secrets have 256 random bits, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_application(work: Work, facts: dict[str, Any]) -> Application:
    """Add an application for a team of the actor."""
    work.require(Permission.APPLICATION_WRITE, facts["team"])
    work.get(Team, facts["team"], "team")
    row = Application(**facts, revision=1, created_at=work.now())
    work.add_new(row, facts["id"], "application")
    work.record("application.created", row.id, team=row.team)
    snapshots.recompile(work)
    return row


def update_application(work: Work, row: Application, changes: dict[str, Any]) -> Application:
    """Change name or token lifetime."""
    work.require(Permission.APPLICATION_WRITE, row.team)
    for name, value in changes.items():
        setattr(row, name, value)
    row.revision += 1
    work.record("application.updated", row.id, changed=sorted(changes))
    snapshots.recompile(work)
    return row


def create_credential(
    work: Work, application: Application, kind: str, expires_at: datetime | None
) -> tuple[Credential, str]:
    """Return a new credential and its secret, which nobody can read again."""
    work.require(Permission.APPLICATION_WRITE, application.team)
    _require_future(work, expires_at)
    secret = ("trk_" if kind == "api-key" else "trs_") + secrets.token_urlsafe(32)
    row = Credential(
        application=application.id, kind=kind, digest=digest_of(secret), prefix=secret[:8],
        created_at=work.now(), expires_at=expires_at,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    work.record("credential.created", application.id, credential=row.id, kind=kind)
    snapshots.recompile(work)
    return row, secret


def revoke_credential(work: Work, application: Application, row: Credential) -> None:
    """End a credential; ending it again is fine."""
    work.require(Permission.APPLICATION_WRITE, application.team)
    if row.revoked_at is None:
        row.revoked_at = work.now()
        work.record("credential.revoked", application.id, credential=row.id)
        snapshots.recompile(work)


def create_plan(work: Work, facts: dict[str, Any]) -> Plan:
    """Add a plan."""
    work.require(Permission.POLICY_WRITE)
    row = Plan(**facts, revision=1, created_at=work.now())
    work.add_new(row, facts["name"], "plan")
    work.record("plan.created", row.name)
    snapshots.recompile(work)
    return row


def request_grant(work: Work, facts: dict[str, Any]) -> Grant:
    """Ask for a grant; a plan without approval grants at once.

    Raises `TreatyError`: not-found, unknown-scope, already-exists, conflict (dates).
    """
    application = work.get(Application, facts["application"], "application")
    work.require(Permission.GRANT_REQUEST, application.team)
    work.get(ContractRow, facts["contract"], "contract")
    work.get(Environment, facts["environment"], "environment")
    plan = work.get(Plan, facts["plan"], "plan")
    _require_scopes(work, facts["contract"], facts["scopes"])
    _require_future(work, facts["expires_at"])
    _require_single(work, facts)
    row = Grant(**facts, state="requested", requested_at=work.now(), requested_by=work.actor.label)
    work.session.add(row)
    work.session.flush()
    work.record("grant.requested", row.id, application=row.application, contract=row.contract)
    if plan.approval == "automatic":
        return _decide(work, row, "approved", "the plan needs no approval")
    return row


def _require_scopes(work: Work, contract: str, scopes: list[str]) -> None:
    newest = latest(work, contract)
    known = scopes_of(contract_of(work, newest)) if newest else frozenset()
    unknown = [scope for scope in scopes if scope not in known]
    if unknown:
        raise TreatyError(
            catalog.CONFLICT,
            f"{contract} knows no scope {unknown[0]!r}; it knows: {', '.join(sorted(known)) or 'none'}.",
        )


def _require_single(work: Work, facts: dict[str, Any]) -> None:
    query = select(Grant).where(
        Grant.application == facts["application"],
        Grant.contract == facts["contract"],
        Grant.environment == facts["environment"],
        Grant.state.in_(("requested", "approved")),
    )
    now = work.now()
    for other in work.session.scalars(query):
        if other.expires_at is None or other.expires_at > now:
            raise TreatyError(
                catalog.ALREADY_EXISTS,
                f"{other.application} has the grant {other.id} ({other.state}) for {other.contract} "
                "already; revoke it to ask for another.",
            )
        other.state = "revoked"
        other.reason = "expired, replaced by a new request"


def decide(work: Work, row: Grant, state: str, reason: str | None) -> Grant:
    """Approve, deny or revoke; the owner of the contract decides, the consumer may give back."""
    contract = work.get(ContractRow, row.contract, "contract")
    service = work.get(Service, contract.service, "service")
    work.require(Permission.GRANT_APPROVE, service.owner)
    wanted = "approved" if state == "revoked" else "requested"
    if row.state == state:
        return row
    if row.state != wanted:
        raise TreatyError(catalog.INVALID_STATE, f"A {row.state} grant cannot be {state}.")
    return _decide(work, row, state, reason)


def _decide(work: Work, row: Grant, state: str, reason: str | None) -> Grant:
    row.state, row.reason = state, reason
    row.decided_at, row.decided_by = work.now(), work.actor.label
    work.record(f"grant.{state}", row.id, application=row.application, contract=row.contract)
    snapshots.recompile(work)
    return row


def create_token(
    work: Work,
    name: str,
    role: str,
    team: str | None,
    permissions: list[str],
    expires_at: datetime | None,
) -> tuple[ApiToken, str]:
    """Return a new API token and its secret. Nobody hands out what they do not have."""
    work.require(Permission.TOKEN_ADMIN)
    if team is not None:
        work.get(Team, team, "team")
    _require_future(work, expires_at)
    wanted = frozenset(Permission(entry) for entry in permissions) or ROLES[role]
    if not wanted <= work.actor.permissions:
        raise TreatyError(catalog.FORBIDDEN, "A token cannot have permissions that you lack.")
    secret = secrets.token_urlsafe(32)
    row = ApiToken(
        name=name, digest=digest_of(secret), role=role, team=team, permissions=sorted(wanted),
        created_at=work.now(), created_by=work.actor.label, expires_at=expires_at,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    work.record("token.created", row.id, role=role)
    return row, f"trt_{row.id}_{secret}"


def revoke_token(work: Work, row: ApiToken) -> None:
    """End an API token; ending it again is fine."""
    work.require(Permission.TOKEN_ADMIN)
    if row.revoked_at is None:
        row.revoked_at = work.now()
        work.record("token.revoked", row.id)


def _require_future(work: Work, moment: datetime | None) -> None:
    if moment is not None and moment <= work.now():
        raise TreatyError(catalog.CONFLICT, "`expires_at` lies in the past.")
