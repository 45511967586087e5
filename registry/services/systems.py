"""Systems that workers call, and the operator's switch: pause one, and its runs wait unharmed."""

from contracts import catalog
from contracts.errors import TreatyError
from registry.db.models import SystemGate
from registry.permissions import Permission
from registry.services.work import Work

ALL = "all"


def pause(work: Work, system: str, reason: str) -> SystemGate:
    """Let no call of the system leave. Raises `TreatyError`: not-found, forbidden, invalid-state."""
    gate = _gate(work, system)
    if gate.paused_at is not None:
        raise TreatyError(catalog.INVALID_STATE, f"{system} is paused already: {gate.reason}")
    gate.paused_at, gate.paused_by, gate.reason = work.now(), work.actor.label, reason
    work.session.flush()
    work.record("system.paused", system, reason=reason)
    return gate


def resume(work: Work, system: str) -> SystemGate:
    """Let calls leave again. Raises `TreatyError`: not-found, forbidden, invalid-state."""
    gate = _gate(work, system)
    if gate.paused_at is None:
        raise TreatyError(catalog.INVALID_STATE, f"{system} is not paused.")
    gate.paused_at, gate.paused_by, gate.reason = None, "", ""
    work.session.flush()
    work.record("system.resumed", system)
    return gate


def _gate(work: Work, system: str) -> SystemGate:
    work.require(Permission.RUN_REPAIR)
    return work.get(SystemGate, (system, ALL), "system", lock=True)
