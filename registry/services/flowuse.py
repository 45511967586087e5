"""Who is hit by a change of a contract: live flows, and definitions that open runs still need."""

from sqlalchemy import func, select

from contracts.flowuse import Use, uses
from registry.db.models import FlowDefinition, Run
from registry.permissions import Permission
from registry.services.work import Work

_OPEN = ("waiting", "running", "exception")


def uses_of(work: Work, contract: str) -> tuple[Use, ...]:
    """Return what flows use of a contract, with their open runs."""
    work.require(Permission.CATALOG_READ)
    counted = select(Run.digest, func.count().label("runs")).where(Run.state.in_(_OPEN))
    rows = work.session.execute(counted.group_by(Run.digest))
    waiting = {row.digest: row.runs for row in rows}
    wanted = FlowDefinition.live.is_(True) | FlowDefinition.digest.in_(list(waiting))
    found = [
        use._replace(open_runs=waiting.get(row.digest, 0), live=row.live)
        for row in work.session.scalars(
            select(FlowDefinition)
            .where(wanted)
            .order_by(FlowDefinition.flow, FlowDefinition.version)
        )
        for use in uses(row.content, contract)
    ]
    return tuple(sorted(found, key=lambda use: not use.live))
