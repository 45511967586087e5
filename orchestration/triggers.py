"""What starts a run besides events of others: schedules, files and calls, as events of our own.

Pure; `runs.intake` asks which flow waits for an event, `scheduling` which slot of a schedule has come.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestration.definition import Trigger, seconds
from policies.periods import period_at, zone

OWN = "treaty."  # types that nobody outside may send
SCHEDULE, FILE, CALL = f"{OWN}schedule.due", f"{OWN}file.received", f"{OWN}call.received"
_DAY = timedelta(days=1)


def waits_for(flow: str, trigger: Mapping[str, Any], kind: str, data: Any) -> bool:
    """Tell whether a flow with this trigger begins with an event of this type and data."""
    if not kind.startswith(OWN):
        return trigger.get("event") == kind
    if not isinstance(data, Mapping):
        return False
    if kind == SCHEDULE:
        return ("every" in trigger or "daily" in trigger) and data.get("flow") == flow
    if kind == FILE:
        return "file" in trigger and trigger["file"] == data.get("exchange")
    if kind != CALL or "call" not in trigger:
        return False
    return (trigger["of"]["contract"], trigger["call"]) == (
        data.get("contract"),
        data.get("operation"),
    )


def slot(trigger: Trigger, now: datetime, deployed: datetime) -> datetime | None:
    """Return the start of the slot that a schedule is in; None for none yet, or no schedule.

    A flow that runs every so often begins with its deployment; a daily one with its first hour after it.
    """
    if trigger.every is not None:
        length = seconds(trigger.every)
        return datetime.fromtimestamp(now.timestamp() // length * length, UTC)
    if trigger.daily is None:
        return None
    start = _today(trigger, now)
    if start > now:
        start = _today(trigger, now - _DAY)
    return start if start >= deployed else None


def _today(trigger: Trigger, now: datetime) -> datetime:
    hour, minute = map(int, str(trigger.daily).split(":"))
    where = zone(trigger.zone or "UTC")
    end = period_at(now.timestamp(), "day", where).until
    # Noon is in the day whatever the clocks do; the hour is that of the wall.
    noon = datetime.fromtimestamp(end, UTC).astimezone(where) - timedelta(hours=12)
    return noon.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)
