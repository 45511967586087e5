"""What a run that is tried again reads anew: a person may have mended what it had read.

Results of writes, events, waits and decisions stay; reads and what was made of them go.
"""

import re
from collections.abc import Container

from contracts.document import Json
from orchestration.definition import (
    CallStep,
    CheckStep,
    ChooseStep,
    CompareStep,
    EachStep,
    Flow,
    LetStep,
    LinkedStep,
    MapStep,
    MatchStep,
    Step,
)

_SEGMENT = re.compile(r"([a-z0-9_]+)(?:@[0-9]+)?(?:/([0-9]+)\.|\[[0-9]+\]\.)?(.*)", re.DOTALL)


def kept(flow: Flow, results: dict[str, Json], decided: Container[str] = ()) -> dict[str, Json]:
    """Return the results that stay: what has acted, and what a person has decided."""
    return {
        path: value for path, value in results.items() if path in decided or not _again(flow, path)
    }


def _again(flow: Flow, path: str) -> bool:
    step = step_at(flow.steps, path)
    if isinstance(step, LetStep | MapStep | CheckStep | CompareStep | MatchStep | LinkedStep):
        return True
    return isinstance(step, CallStep) and not (step.body or step.key or step.find or step.undo)


def step_at(steps: tuple[Step, ...], path: str) -> Step | None:
    """Return the step that a path of a journal stands for."""
    match = _SEGMENT.fullmatch(path)
    if match is None:
        return None
    name, case, rest = match.groups()
    step = next((each for each in steps if each.step == name), None)
    if not rest or step is None:
        return step
    if isinstance(step, ChooseStep) and case is not None and int(case) < len(step.choose):
        return step_at(step.choose[int(case)].steps, rest)
    return step_at(step.steps, rest) if isinstance(step, EachStep) else None
