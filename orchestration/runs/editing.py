"""What a person puts right before a run tries again: the body that a step sends, or the event's data.

Judged by the contract, or by the flow's own key, before anything is kept.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.problem import Detail
from orchestration.definition import CallStep
from orchestration.evaluating import Program
from orchestration.runs.intake import Event, key_of, revision_of
from orchestration.runs.rereading import kept, step_at
from registry.db.models import FlowException, Run

# Judges a body by the contract of an operation (`system.operationId`) of a program.
Judge = Callable[[Program, str, Json], tuple[Detail, ...]]
_HARMLESS = frozenset({"validation", "mapping"})


def edit(run: Run, row: FlowException, program: Program, value: Json, judge: Judge) -> None:
    """Put the edit into the run. Raises `TreatyError` (invalid-request, invalid-state)."""
    if isinstance(value, Mapping) and set(value) == {"body"}:
        _body(run, program, value["body"], judge)
    elif isinstance(value, Mapping) and set(value) == {"event"}:
        _event(run, row, program, value["event"])
    else:
        raise TreatyError(catalog.INVALID_REQUEST, "Edit the `body` or the `event`, one of them.")


def _body(run: Run, program: Program, body: Json, judge: Judge) -> None:
    step = step_at(program.flow.steps, run.step)
    if not isinstance(step, CallStep) or step.body is None:
        said = f"The step {run.step} sends no body; decide it, or edit the event."
        raise TreatyError(catalog.INVALID_STATE, said)
    breaches = judge(program, step.call, body)
    if breaches:
        said = f"The body breaks the contract of {step.call}: {_told(breaches)}"
        raise TreatyError(catalog.INVALID_REQUEST, said, errors=breaches)
    edits: dict[str, Any] = {**run.journal.get("edits", {}), run.step: body}
    run.journal = {**run.journal, "edits": edits}


def _event(run: Run, row: FlowException, program: Program, data: Json) -> None:
    if kept(program.flow, run.journal.get("results", {})) or row.category not in _HARMLESS:
        said = "The run has acted already, or may have; its event stays as it was."
        raise TreatyError(catalog.INVALID_STATE, said)
    if not isinstance(data, dict):
        raise TreatyError(catalog.INVALID_REQUEST, "The event's data is a JSON object.")
    was = run.event
    at = datetime.fromisoformat(was["time"])
    given = Event(
        was["source"], was["id"], was["type"], was["subject"], data, at, was.get("traceparent", "")
    )
    if (key_of(program, given), revision_of(program, given)) != (run.business_key, run.revision):
        said = "With these data the event would be one of another business key or revision."
        raise TreatyError(catalog.INVALID_REQUEST, said)
    run.event = given.as_json()
    run.journal = {"signals": run.journal.get("signals", {})}


def _told(breaches: tuple[Detail, ...]) -> str:
    return "; ".join(f"{each.pointer} {each.detail}" for each in breaches[:5])
