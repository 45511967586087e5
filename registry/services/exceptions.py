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
    row = _open(work, exception)
    if row.wish is not None:
        raise TreatyError(catalog.INVALID_STATE, f"{row.wish['act']} was asked for already.")
    wish(work, row, act, reason, value)
    return row


def wish(work: Work, row: FlowException, act: str, reason: str, value: Json = None) -> None:
    """Note what is asked for, in the row and in the audit log."""
    row.wish = {"act": act, "by": work.actor.label, "reason": reason, "value": value}
    work.session.flush()
    work.record(f"exception.{act}", row.id, flow=row.flow, key=row.business_key, reason=reason)


def ask_preview(work: Work, exception: str) -> FlowException:
    """Ask a worker what a retry would send. Raises `TreatyError`: not-found, forbidden, invalid-state."""
    row = _open(work, exception)
    if not row.run:
        raise TreatyError(catalog.INVALID_STATE, "The exception stands for no run.")
    row.preview, row.preview_asked_at = None, work.now()
    work.session.flush()
    work.record("exception.preview", row.id, flow=row.flow, key=row.business_key)
    return row


def previewed(work: Work, exception: str) -> FlowException:
    """Return the exception to whoever may repair it: a preview shows values of the business."""
    row = work.get(FlowException, exception, "exception")
    work.require(Permission.RUN_REPAIR, row.owner)
    return row


def _open(work: Work, exception: str) -> FlowException:
    row = work.get(FlowException, exception, "exception", lock=True)
    work.require(Permission.RUN_REPAIR, row.owner)
    if row.state not in OPEN:
        raise TreatyError(catalog.INVALID_STATE, f"The exception is {row.state}.")
    return row
