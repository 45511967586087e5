"""Ownership at work: a world whose writes change only what belongs to the system a flow speaks for.

Wraps any `World`, the real one and the rehearsed one. What is there is read inside the same recorded
step as the write. A write that would change nothing is not sent, so that two systems which tell each
other of their changes come to rest.
"""

import copy
from collections.abc import Container, Iterator, Mapping, Sequence

from contracts import pointer as jp
from contracts.document import Json
from orchestration.evaluating import Program
from orchestration.expression import NOWHERE, ExpressionError
from orchestration.interpreter import Request, World
from orchestration.outcome import Failure, Outcome
from orchestration.ownership import OwnedField, Rule


class GuardedWorld:
    """A world under the ownership rules of one flow."""

    def __init__(self, program: Program, world: World) -> None:
        self._program, self._world = program, world

    def emit(self, step: str, kind: str, subject: str, data: Json) -> Outcome:
        """Keep an event for others."""
        return self._world.emit(step, kind, subject, data)

    def link(self, entity: str, ids: Mapping[str, str]) -> Outcome:
        """Keep that ids stand for the same thing."""
        return self._world.link(entity, ids)

    def linked(self, entity: str, system: str, ids: Sequence[str], to: str) -> Outcome:
        """Look up what another system calls things."""
        return self._world.linked(entity, system, ids, to)

    def call(self, request: Request) -> Outcome:
        """Call an operation; a write of owned fields only as far as they are the flow's to write."""
        rule = self._program.rules.get(request.operation)
        if rule is None or not isinstance(request.body, dict):
            return self._world.call(request)
        system = request.operation.partition(".")[0]
        looked = self._world.call(Request(f"{system}.{rule.read}", request.inputs))
        if looked.failure is not None and not looked.failure.missing:
            return looked
        if looked.failure is not None or not isinstance(looked.value, dict):
            return self._world.call(request)  # whoever comes first may set it all
        return self._changed(request, rule, looked.value)

    def _changed(self, request: Request, rule: Rule, known: dict[str, Json]) -> Outcome:
        try:
            there = {field.name: self._seen(field, known) for field in rule.fields}
        except ExpressionError as error:
            # What cannot be seen may be somebody's: nothing is written over it.
            said = f"what {request.operation} would change cannot be read: {error}"
            return Outcome(failure=Failure("mapping", said))
        ours = self._contract(request.source)
        foreign = [
            field
            for field in rule.fields
            if field.owner != ours and _overwrites(request.body, field.body, there[field.name])
        ]
        if foreign and rule.unlike == "hold":
            return Outcome(failure=_refusal(rule, foreign))
        body = copy.deepcopy(request.body)
        for field in foreign:
            _put(body, field.body, there[field.name])
        if _says_nothing_new(rule, body, there):
            return Outcome(known if rule.unchanged == "read" else None)
        return self._world.call(
            Request(request.operation, request.inputs, body, request.key, request.source)
        )

    def _seen(self, field: OwnedField, known: dict[str, Json]) -> Json:
        return self._program.expressions[field.seen].evaluate(known, NOWHERE)

    def _contract(self, source: str) -> str:
        system = self._program.flow.systems.get(source or self._program.flow.source or "")
        return "" if system is None else system.contract


def _overwrites(body: Json, pointer: str, there: Json) -> bool:
    """Tell whether a value that is there would become another one, or null."""
    try:
        given = jp.walk(body, jp.split(pointer))
    except LookupError:
        return False  # what is left out is not written
    return there is not None and given != there


def _refusal(rule: Rule, foreign: list[OwnedField]) -> Failure:
    names = ", ".join(field.name for field in foreign)
    owners = ", ".join(sorted({field.owner for field in foreign}))
    said = f"{names} of this {rule.entity}: {owners} owns that, and says otherwise"
    return Failure("conflict", said)


def _says_nothing_new(rule: Rule, body: Json, there: dict[str, Json]) -> bool:
    """Tell whether every member of the body is a guarded field that is there already."""
    guarded = {field.body: field.name for field in rule.fields}
    return all(
        at in guarded and value == there[guarded[at]] for at, value in _leaves(body, guarded, "")
    )


def _leaves(body: Json, guarded: Container[str], at: str) -> Iterator[tuple[str, Json]]:
    """Yield the parts of a body: guarded fields whole, everything else to its last member."""
    if isinstance(body, dict) and at not in guarded:
        for name, member in body.items():
            yield from _leaves(member, guarded, jp.join(at, name))
    else:
        yield at, body


def _put(body: Json, pointer: str, value: Json) -> None:
    *path, last = jp.split(pointer)
    for name in path:
        if not isinstance(body, dict):
            return
        body = body.setdefault(name, {})
    if isinstance(body, dict):
        body[last] = value
