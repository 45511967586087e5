"""Logs a fault of our own by type and place; exception texts may hold values of a call."""

import logging
from types import TracebackType


def log_fault(what: str, error: BaseException) -> None:
    """Log the fault at error level with the file and line that raised it."""
    name, line = _origin(error.__traceback__)
    logging.getLogger("gateway").error("%s: %s at %s:%d", what, type(error).__name__, name, line)


def _origin(place: TracebackType | None) -> tuple[str, int]:
    if place is None:
        return "?", 0
    while place.tb_next is not None:
        place = place.tb_next
    return place.tb_frame.f_globals.get("__name__", "?"), place.tb_lineno
