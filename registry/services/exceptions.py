"""What people ask for an exception; a worker does it (the seam is the row's `wish`)."""

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from registry.db.models import FlowException
from registry.permissions import Permission
from registry.services.work import Work

OPEN = ("open", "retrying")


def ask(
    work: Work, exception: str, act: str, reason: str = "", value: Json = None
) -> FlowException:
    """Note the wish. Raises `TreatyError`: not-found, forbidden, invalid-state."""
    row = work.get(FlowException, exception, "exception", lock=True)
    work.require(Permission.RUN_REPAIR, row.owner)
    if row.state not in OPEN:
        raise TreatyError(catalog.INVALID_STATE, f"The exception is {row.state}.")
    if row.wish is not None:
        raise TreatyError(catalog.INVALID_STATE, f"{row.wish['act']} was asked for already.")
    row.wish = {"act": act, "by": work.actor.label, "reason": reason, "value": value}
    work.session.flush()
    work.record(f"exception.{act}", row.id, flow=row.flow, key=row.business_key, reason=reason)
    return row
