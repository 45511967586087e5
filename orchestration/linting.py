"""Judges flows before they are deployed: names, contracts on both sides of each call, keys, mappings.

Nothing is silent: what could only fail at run time on a contract's account fails here.
"""

from collections.abc import Iterator
from typing import Any

from contracts import pointer as jp
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.model import Contract, Operation
from contracts.problem import Detail
from orchestration.definition import (
    CallStep,
    ChooseStep,
    CompareStep,
    EachStep,
    EmitStep,
    Find,
    Flow,
    HandStep,
    LinkedStep,
    LinkStep,
    Mapped,
    MatchStep,
    Records,
    Step,
    Undo,
    WaitStep,
)
from orchestration.expression import Expression, ExpressionError
from orchestration.mapping import Mapping, MappingDocument, Side
from orchestration.ownership import rules_of
from orchestration.reading import mistake
from orchestration.runs.program import content, digest, parts
from orchestration.schemas import Schemas
from orchestration.shelf import Shelf
from orchestration.systems.binding import KEY_HEADER
from policies.conditions.expression import heads

# RFC 9110 section 9.2.2; a PATCH of ours sets members to what they already are the second time.
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"})
_ALWAYS = ("event", "run")


def lint(shelf: Shelf) -> list[Detail]:
    """Return every mistake of every flow and mapping."""
    found: list[Detail] = []
    for document, written in shelf.mappings.values():
        found += _MappingLint(shelf, document, written).mistakes()
    for flow, written in shelf.flows.values():
        found += _FlowLint(shelf, flow, written).mistakes()
    return found


def _side_schema(contract: Contract, side: Side) -> Any:
    """Return the schema that a side names. Raises `LookupError` with a sentence."""
    if side.part == "schema":
        return contract.schema
    operation = next((o for o in contract.operations if o.operation_id == side.operation), None)
    if operation is None:
        raise LookupError(f"{side.contract} {side.version} has no operation {side.operation}")
    if side.part == "request":
        media = operation.request_body.content if operation.request_body else ()
    else:
        good = [r for r in operation.responses if r.status.startswith("2")]
        media = good[0].content if good else ()
    if not media:
        raise LookupError(f"{side.operation} has no {side.part} body")
    return media[0].schema


class _MappingLint:
    def __init__(self, shelf: Shelf, document: MappingDocument, written: Document) -> None:
        self._shelf, self._document, self._written = shelf, document, written

    def mistakes(self) -> Iterator[Detail]:
        document = self._document
        try:
            mapping = Mapping(document)
        except ExpressionError as error:
            yield self._at("/expression", str(error))
            return
        for index, example in enumerate(document.examples):
            at = f"/examples/{index}"
            try:
                made = mapping.apply(example.input)
            except ExpressionError as error:
                yield self._at(at, f"the mapping fails on it: {error}")
                continue
            if made != example.output:
                yield self._at(f"{at}/output", "the mapping makes something else of this input")
            yield from self._sides(example.input, example.output, at)

    def _sides(self, given: Any, made: Any, at: str) -> Iterator[Detail]:
        for name, side in self._document.source.items():
            value = given.get(name) if isinstance(given, dict) and name != "input" else given
            yield from self._judged(side, value, f"{at}/input", f"/source/{name}", writing=False)
        if self._document.target is not None:
            yield from self._judged(
                self._document.target, made, f"{at}/output", "/target", writing=True
            )

    def _judged(
        self, side: Side, value: Any, at: str, where: str, *, writing: bool
    ) -> Iterator[Detail]:
        try:
            contract = self._shelf.contract(side.contract, side.version)
            schema = _side_schema(contract, side)
        except TreatyError as error:
            yield self._at(where, error.problem.detail)
            return
        except LookupError as error:
            yield self._at(where, str(error.args[0]))
            return
        for breach in Schemas(contract).errors(schema, value, writing=writing, at=at):
            said = f"{breach.detail} ({side.contract} {side.version}, {side.operation or 'schema'})"
            yield self._at(breach.pointer, said)

    def _at(self, pointer: str, sentence: str) -> Detail:
        return mistake(self._written, pointer, sentence)


class _FlowLint:
    def __init__(self, shelf: Shelf, flow: Flow, written: Document) -> None:
        self._shelf, self._flow, self._written = shelf, flow, written
        self._contracts: dict[str, Contract] = {}
        self._used: set[str] = set()
        self._rules = rules_of(flow, shelf.owners())

    def mistakes(self) -> Iterator[Detail]:
        flow = self._flow
        for name, system in flow.systems.items():
            try:
                self._contracts[name] = self._shelf.contract(system.contract, system.version)
            except TreatyError as error:
                yield self._at(f"/systems/{name}", error.problem.detail)
        yield from self._called()
        for member in ("key", "revision"):
            text = getattr(flow, member)
            if text is not None:
                yield from self._expression(text, {"event"}, f"/{member}")
        if flow.source is not None and flow.source not in flow.systems:
            yield self._at("/source", f"the flow declares no system {flow.source!r}")
        yield from self._steps(flow.steps, set(_ALWAYS), "/steps")
        for name in flow.systems.keys() - self._used:
            yield self._at(f"/systems/{name}", "no step calls this system")

    def _called(self) -> Iterator[Detail]:
        """Yield what is wrong with a flow that answers an operation."""
        flow, trigger = self._flow, self._flow.trigger
        if trigger.of is not None:
            try:
                contract = self._shelf.contract(trigger.of.contract, trigger.of.version)
            except TreatyError as error:
                yield self._at("/trigger/of", error.problem.detail)
                return
            if all(o.operation_id != trigger.call for o in contract.operations):
                said = f"{contract.title} {contract.version} has no {trigger.call}"
                yield self._at("/trigger/call", said)
        if flow.pattern != "sync":
            return
        if trigger.of is None:
            yield self._at("/pattern", "a look-up (sync) answers a `call`")
        for _, step in parts(flow):
            if isinstance(step, EmitStep | WaitStep | HandStep):
                yield self._at("/pattern", f"a look-up (sync) cannot wait or tell: {step.step}")
            elif isinstance(step, LinkStep):
                yield self._at("/pattern", f"a look-up (sync) cannot link: {step.step}")
            elif isinstance(step, CallStep) and not self._reads(step.call):
                yield self._at("/pattern", f"a look-up (sync) cannot write: {step.step}")

    def _reads(self, call: str) -> bool:
        system, _, name = call.partition(".")
        contract = self._contracts.get(system)
        found = [o for o in contract.operations if o.operation_id == name] if contract else []
        return not found or found[0].method in ("GET", "HEAD")

    def _steps(self, steps: tuple[Step, ...], known: set[str], at: str) -> Iterator[Detail]:
        names = set(known)
        for index, step in enumerate(steps):
            here = jp.join(at, index)
            if step.step in names:
                yield self._at(jp.join(here, "step"), f"the name {step.step!r} is taken")
            yield from self._step(step, names, here)
            names.add(step.step)

    def _step(self, step: Step, names: set[str], at: str) -> Iterator[Detail]:
        for member in ("when", "let", "check", "each", "subject", "data"):
            text = getattr(step, member, None)
            if isinstance(text, str):
                yield from self._expression(text, names, jp.join(at, member))
        mapped = getattr(step, "map", None)
        if isinstance(mapped, Mapped):
            yield from self._mapped(mapped, names, jp.join(at, "map"))
        if isinstance(step, CallStep):
            yield from self._whole_call(step, names, at)
        elif isinstance(step, CompareStep):
            yield from self._compare(step, names, at)
        elif isinstance(step, MatchStep):
            yield from self._match(step, names, at)
        elif isinstance(step, LinkStep | LinkedStep):
            yield from self._linked(step, names, at)
        elif isinstance(step, ChooseStep):
            for index, case in enumerate(step.choose):
                here = jp.join(at, "choose", index)
                if case.when is not None:
                    yield from self._expression(case.when, names, jp.join(here, "when"))
                yield from self._steps(case.steps, names, jp.join(here, "steps"))
        elif isinstance(step, EachStep):
            yield from self._steps(step.steps, names | {step.named, "index"}, jp.join(at, "steps"))

    def _whole_call(self, step: CallStep, names: set[str], at: str) -> Iterator[Detail]:
        yield from self._call(step, names, at)
        yield from self._owned(step, at)
        if step.find is not None:
            yield from self._call(step.find, names, jp.join(at, "find"))
            inner = names | {"result"}
            yield from self._expression(step.find.take, inner, jp.join(at, "find", "take"))
        if step.pages is not None:
            inner = names | {"result"}
            for member, text in (("items", step.pages.items), ("next", step.pages.following)):
                yield from self._expression(text, inner, jp.join(at, "pages", member))
        if step.undo is not None:
            yield from self._call(step.undo, names | {step.step}, jp.join(at, "undo"))

    def _match(self, step: MatchStep, names: set[str], at: str) -> Iterator[Detail]:
        rules = self._shelf.matching.get(step.match)
        if rules is None:
            yield self._at(jp.join(at, "match"), f"there are no rules {step.match!r}")
        for side, of, member in (("of", step.of, "record"), ("among", step.among, "records")):
            yield from self._declared(of.system, jp.join(at, side, "system"))
            here = jp.join(at, side, member)
            yield from self._expression(getattr(of, member), names, here)
            system = self._flow.systems.get(of.system)
            if rules and system and not rules[0].view(system.contract):
                said = f"the rules {step.match!r} have no view of {system.contract}"
                yield self._at(jp.join(at, side, "system"), said)

    def _linked(self, step: LinkStep | LinkedStep, names: set[str], at: str) -> Iterator[Detail]:
        if isinstance(step, LinkStep):
            for system, text in step.ids.items():
                yield from self._declared(system, jp.join(at, "ids", system))
                yield from self._expression(text, names, jp.join(at, "ids", system))
            return
        yield from self._declared(step.system, jp.join(at, "system"))
        yield from self._declared(step.to, jp.join(at, "to"))
        yield from self._expression(step.id, names, jp.join(at, "id"))

    def _declared(self, system: str, at: str) -> Iterator[Detail]:
        if system not in self._flow.systems:
            yield self._at(at, f"the flow declares no system {system!r}")

    def _compare(self, step: CompareStep, names: set[str], at: str) -> Iterator[Detail]:
        if step.compare not in self._shelf.ownership:
            yield self._at(jp.join(at, "compare"), f"there are no rules {step.compare!r}")
        for side in ("left", "right"):
            of: Records = getattr(step, side)
            yield from self._declared(of.system, jp.join(at, side, "system"))
            yield from self._expression(of.records, names, jp.join(at, side, "records"))

    def _owned(self, step: CallStep, at: str) -> Iterator[Detail]:
        rule = self._rules.get(step.call)
        if step.source is not None and step.source not in self._flow.systems:
            yield self._at(jp.join(at, "source"), f"the flow declares no system {step.source!r}")
        if rule is None:
            return
        if not (step.source or self._flow.source):
            said = f"{step.call} writes what the rules of {rule.entity} guard: say the `source`"
            yield self._at(at, f"{said}, the system whose data this is")
        system = step.call.partition(".")[0]
        contract = self._contracts.get(system)
        if contract and all(o.operation_id != rule.read for o in contract.operations):
            said = f"the rules of {rule.entity} read with {rule.read}, which it does not have"
            yield self._at(at, f"{contract.title} {contract.version}: {said}")

    def _expression(self, text: str, names: set[str], at: str) -> Iterator[Detail]:
        try:
            Expression(text)
        except ExpressionError as error:
            yield self._at(at, str(error))
            return
        for name in heads(text):
            if name not in names:
                yield self._at(at, f"there is no {name!r} here; known: {', '.join(sorted(names))}")

    def _mapped(
        self, mapped: Mapped, names: set[str], at: str, target: tuple[str, str] | None = None
    ) -> Iterator[Detail]:
        yield from self._expression(mapped.source, names, jp.join(at, "from"))
        found = self._shelf.mappings.get(mapped.mapping)
        if found is None:
            yield self._at(jp.join(at, "mapping"), f"there is no mapping {mapped.mapping!r}")
            return
        side = found[0].target
        if target is None or side is None:
            return
        system = self._flow.systems[target[0]]
        made = (side.contract, side.version, side.operation)
        if made != (system.contract, system.version, target[1]):
            wanted = f"{system.contract} {system.version} {target[1]}"
            said = f"the mapping makes {' '.join(map(str, made))}, the call takes {wanted}"
            yield self._at(jp.join(at, "mapping"), said)

    def _call(self, step: CallStep | Find | Undo, names: set[str], at: str) -> Iterator[Detail]:
        system, _, name = step.call.partition(".")
        self._used.add(system)
        for parameter, text in step.inputs.items():
            yield from self._expression(text, names, jp.join(at, "with", parameter))
        body, key = getattr(step, "body", None), getattr(step, "key", None)
        if isinstance(body, str):
            yield from self._expression(body, names, jp.join(at, "body"))
        if key is not None:
            yield from self._expression(key, names, jp.join(at, "key"))
        if system not in self._flow.systems:
            yield self._at(jp.join(at, "call"), f"the flow declares no system {system!r}")
            return
        if isinstance(body, Mapped):
            yield from self._mapped(body, names, jp.join(at, "body"), (system, name))
        contract = self._contracts.get(system)
        if contract is None:
            return
        operation = next((o for o in contract.operations if o.operation_id == name), None)
        if operation is None:
            yield self._at(
                jp.join(at, "call"), f"{contract.title} {contract.version} has no {name}"
            )
            return
        yield from self._against(step, operation, at)

    def _against(
        self, step: CallStep | Find | Undo, operation: Operation, at: str
    ) -> Iterator[Detail]:
        known = {p.name: p for p in operation.parameters}
        for name in step.inputs.keys() - known.keys():
            yield self._at(jp.join(at, "with", name), f"{operation.name} has no parameter {name!r}")
        takes_key = any(p.key == ("header", KEY_HEADER) for p in operation.parameters)
        for name, parameter in known.items():
            given = name in step.inputs or parameter.key == ("header", KEY_HEADER)
            if parameter.required and not given:
                yield self._at(
                    jp.join(at, "with"), f"{operation.name} needs the parameter {name!r}"
                )
        body, key = getattr(step, "body", None), getattr(step, "key", None)
        if operation.request_body is None and body is not None:
            yield self._at(jp.join(at, "body"), f"{operation.name} takes no body")
        elif (
            operation.request_body is not None and operation.request_body.required and body is None
        ):
            yield self._at(at, f"{operation.name} needs a body")
        if takes_key and key is None:
            yield self._at(at, f"{operation.name} takes an Idempotency-Key: say the `key`")
        found = getattr(step, "find", None) is not None
        if operation.method not in _REPEATABLE and not takes_key and not found:
            said = "knows no Idempotency-Key: say with `find` how to see that it is done already"
            yield self._at(at, f"{operation.name} {said}")

    def _at(self, pointer: str, sentence: str) -> Detail:
        return mistake(self._written, pointer, sentence)


def digests(shelf: Shelf) -> dict[str, str]:
    """Return the digest of each flow with its mappings. Raises `KeyError` for a missing mapping."""
    return {
        name: digest(content(flow, shelf.documents(), shelf.owners(), shelf.matchings()))
        for name, (flow, _) in shelf.flows.items()
    }
