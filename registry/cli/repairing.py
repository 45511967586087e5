"""Waiting for a worker to do what was asked for an exception, and exceptions of a cause in two goes."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from registry.cli.client import Client, segment

SECONDS = 20.0
_PAUSE = 0.2


def wait(ask: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Return what `ask` gives as soon as it is something, or None after so many seconds."""
    until = time.monotonic() + seconds
    while (found := ask()) is None and time.monotonic() < until:
        time.sleep(_PAUSE)
    return found


def settled(registry: Client, exception: str, seconds: float = SECONDS) -> dict[str, Any] | None:
    """Return the exception once a worker has done the wish and the run has gone on; None if late."""

    def ask() -> dict[str, Any] | None:
        found: dict[str, Any] = registry.get(f"/v1/exceptions/{segment(exception)}").json()
        return found if found["wish"] is None and found["state"] != "retrying" else None

    found: dict[str, Any] | None = wait(ask, seconds)
    return found


def told(found: dict[str, Any]) -> str:
    """Return the last word of an exception's history, where a wish was not done."""
    last = found["history"][-1] if found["history"] else {}
    return str(last.get("reason", "")) if str(last.get("reason", "")).startswith("not done") else ""


def unhealed(registry: Client, asked: Sequence[str]) -> list[dict[str, Any]]:
    """Return those of the asked exceptions that are not resolved or discarded after a while."""
    shown = [settled(registry, each) or {"id": each, "state": "retrying"} for each in asked]
    return [each for each in shown if each["state"] not in ("resolved", "discarded")]
