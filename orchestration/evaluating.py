"""The values of a walk: expressions and mappings of a program over what a run knows so far. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.document import Json
from orchestration.definition import Flow, HandStep, Mapped
from orchestration.expression import Expression, ExpressionError, Frozen
from orchestration.mapping import Mapping as MappingProgram
from orchestration.matching import Matching
from orchestration.outcome import Failure
from orchestration.ownership import Ownership, Rule

Scope = dict[str, Json]


class StoppedError(Exception):
    """The run cannot go on by itself."""

    def __init__(self, path: str, failure: Failure, *, hand: HandStep | None = None) -> None:
        super().__init__(path)
        self.path, self.failure, self.hand = path, failure, hand
        self.sent = ""  # the digest of the request that came to nothing


@dataclass(frozen=True, slots=True)
class Program:
    """A flow with what it names, compiled: expressions by text, mappings by name."""

    flow: Flow
    mappings: Mapping[str, MappingProgram]
    expressions: Mapping[str, Expression]
    rules: Mapping[str, Rule] = field(default_factory=dict)  # of writes, by `system.operationId`
    ownership: Mapping[str, Ownership] = field(default_factory=dict)  # of steps that compare
    matching: Mapping[str, Matching] = field(default_factory=dict)  # of steps that match

    def contract(self, system: str) -> str:
        """Return the contract id behind a system's name in this flow."""
        return self.flow.systems[system].contract


class Values:
    """What expressions of one program come to, at a frozen time. All raise `StoppedError` (mapping)."""

    def __init__(self, program: Program, frozen: Frozen) -> None:
        self.program, self._frozen = program, frozen

    def value(self, text: str, scope: Scope, path: str) -> Json:
        """Return the value of an expression; `path` names the step that asks."""
        try:
            return self.program.expressions[text].evaluate(scope, self._frozen)
        except ExpressionError as error:
            raise StoppedError(
                path, Failure("mapping", f"the expression of {path}: {error}")
            ) from None

    def mapped(self, mapped: Mapped, scope: Scope, path: str) -> Json:
        """Return what a mapping makes of its source."""
        source = self.value(mapped.source, scope, path)
        try:
            return self.program.mappings[mapped.mapping].apply(source, self._frozen)
        except ExpressionError as error:
            said = f"the mapping {mapped.mapping} in {path}: {error}"
            raise StoppedError(path, Failure("mapping", said)) from None

    def body(self, body: str | Mapped | None, scope: Scope, path: str) -> Json:
        """Return the body of a call."""
        if body is None:
            return None
        if isinstance(body, Mapped):
            return self.mapped(body, scope, path)
        return self.value(body, scope, path)

    def inputs(self, inputs: Mapping[str, str], scope: Scope, path: str) -> dict[str, Json]:
        """Return the parameters of a call; those that come to nothing are left out."""
        found = {name: self.value(text, scope, path) for name, text in inputs.items()}
        return {name: value for name, value in found.items() if value is not None}

    def key(self, text: str | None, scope: Scope, path: str) -> str:
        """Return the key under which a call acts once; empty where it has none."""
        if text is None:
            return ""
        key = self.value(text, scope, path)
        if not isinstance(key, str) or not key:
            raise StoppedError(path, Failure("mapping", f"the key of {path} is no text"))
        return key

    def plain(self, text: str, record: Json) -> Json:
        """Return what an expression comes to over one record; nothing where it has not the fields."""
        try:
            return self.program.expressions[text].evaluate(record, self._frozen)
        except ExpressionError:
            return None
