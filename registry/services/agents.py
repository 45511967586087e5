"""Agents of sites: enrolled with a token that is shown once, and revoked."""

import hashlib
import secrets

from registry.db.models import Agent
from registry.permissions import Permission
from registry.services.work import Work


def enrol(work: Work, site: str, name: str) -> tuple[Agent, str]:
    """Return a new agent and its token, 256 random bits. Raises `TreatyError` (forbidden)."""
    work.require(Permission.TOKEN_ADMIN)
    token = secrets.token_urlsafe(32)
    row = Agent(
        site=site, name=name, token_hash=hashlib.sha256(token.encode()).hexdigest(),
        created_at=work.now(), created_by=work.actor.label,
    )  # fmt: skip
    work.session.add(row)
    work.session.flush()
    work.record("agent.enrolled", row.id, site=site, name=name)
    return row, token


def revoke(work: Work, agent: str) -> Agent:
    """End an agent's token; workers send it away within seconds. Ending it again is fine."""
    work.require(Permission.TOKEN_ADMIN)
    row = work.get(Agent, agent, "agent", lock=True)
    if row.revoked_at is None:
        row.revoked_at = work.now()
        work.session.flush()
        work.record("agent.revoked", row.id, site=row.site, name=row.name)
    return row
