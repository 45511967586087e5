"""Reports in the machine interface, read back from HTTP."""

from typing import Any

from contracts import catalog, readback
from contracts.errors import TreatyError
from contracts.report import Report


def from_json(value: Any) -> Report:
    """Return the report of the machine interface. Raises `TreatyError` (unreachable)."""
    try:
        return readback.report(value)
    except (LookupError, ValueError, TypeError, AttributeError):
        raise TreatyError(
            catalog.UNREACHABLE, "The registry's report is not in a form that we know."
        ) from None
