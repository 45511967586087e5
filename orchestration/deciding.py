"""Steps that only make or judge values, one function each: they need no record and touch no world.

To add one: its model in `definition`, a function here, a line in `PURE`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.document import Json
from orchestration.comparing import Side
from orchestration.comparing import compare as compared
from orchestration.definition import (
    CheckStep,
    CompareStep,
    LetStep,
    MapStep,
    MatchStep,
    Records,
)
from orchestration.evaluating import Scope, StoppedError, Values
from orchestration.matching import find
from orchestration.outcome import Failure

_TOLD = 5


def let(values: Values, step: LetStep, scope: Scope, path: str) -> Json:
    """Return what the expression comes to."""
    return values.value(step.let, scope, path)


def mapped(values: Values, step: MapStep, scope: Scope, path: str) -> Json:
    """Return what the mapping makes."""
    return values.mapped(step.map, scope, path)


def check(values: Values, step: CheckStep, scope: Scope, path: str) -> Json:
    """Return true, or stop with the step's sentence."""
    if values.value(step.check, scope, path) is not True:
        raise StoppedError(path, Failure(step.category, step.otherwise))
    return True


def compare(values: Values, step: CompareStep, scope: Scope, path: str) -> Json:
    """Return where two systems differ."""

    def side(of: Records) -> Side:
        found = listed(values.value(of.records, scope, path))
        return Side(of.system, values.program.contract(of.system), found, of.key, values.plain)

    document = values.program.ownership[step.compare]
    return compared(document, side(step.left), side(step.right), values.plain)


def match(values: Values, step: MatchStep, scope: Scope, path: str) -> Json:
    """Return the record that is the same thing, or ask a person."""
    contract, of, among = values.program.contract, step.of, step.among
    found = find(
        values.program.matching[step.match],
        (contract(of.system), values.value(of.record, scope, path)),
        (contract(among.system), listed(values.value(among.records, scope, path)), among.key),
        values.plain,
    )
    if found.possible:
        told = ", ".join(f"{key} ({rule})" for key, rule in found.possible[:_TOLD])
        said = f"this {step.match} may be known to {among.system} already: {told}"
        raise StoppedError(path, Failure("decision", said))
    return {"found": found.key, "by": found.by}


PURE: Mapping[type, Callable[[Values, Any, Scope, str], Json]] = {
    LetStep: let,
    MapStep: mapped,
    CheckStep: check,
    CompareStep: compare,
    MatchStep: match,
}


def listed(value: Json) -> list[Json]:
    """Return a value as a list: JSONata gives a list of one as its item, and an empty one as nothing."""
    return [] if value is None else value if isinstance(value, list) else [value]
