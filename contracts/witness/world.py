"""One version of a contract as a caller meets it: operations, samples, and what it accepts.

Called by `contracts.witness.candidates` and `promises`. Values are validated by jsonschema-rs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contracts.compat.matching import shape
from contracts.containment.claims import Size
from contracts.containment.expand import claim_of
from contracts.containment.outcome import Found
from contracts.containment.proof import Prover
from contracts.containment.search import Solver, SpentError
from contracts.containment.words import Side
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Contract, MediaType, Node, Operation, Parameter, Response
from contracts.refs import Resolver
from contracts.report import Direction

BUDGET = 2_000  # steps of one sample


@dataclass
class World:
    """A contract with what samples and judges values of its schemas, for each direction."""

    contract: Contract
    resolver: Resolver
    _sides: dict[Direction, Side] = field(default_factory=dict)
    _provers: dict[tuple[Direction, bool], Prover] = field(default_factory=dict)
    _solvers: dict[Direction, Solver] = field(default_factory=dict)

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation that answers a call; names of template parameters do not matter."""
        known = self.contract.operations
        return next(
            (op for op in known if op.method == method and shape(op.path) == shape(path)), None
        )

    def accepts(
        self, direction: Direction, schema: Node | None, value: Json, *, writes: bool
    ) -> bool:
        """Whether a schema accepts a value; where that cannot be told, a writer does not."""
        if schema is None:
            return True
        key = (direction, writes)
        if key not in self._provers:
            self._provers[key] = Prover(self._side(direction), writes=writes)
        answer = self._provers[key].accepts((schema,), value)
        return not writes if answer is None else answer

    def sample(self, direction: Direction, schema: Node | None, *, text: bool) -> list[Json]:
        """Return a small value of a schema, none when none is found; `text` shuns empty texts."""
        if schema is None:
            return ["a"] if text else [None]
        side = self._side(direction)
        if direction not in self._solvers:
            self._solvers[direction] = Solver(side, side, None, lenient=False, budget=0)
        solver = self._solvers[direction]
        goal = frozenset({claim_of(side, schema)})
        for facts in (goal | {Size("string", 1)}, goal) if text else (goal,):
            solver.budget = solver.steps + BUDGET
            try:
                outcome = solver.solve(facts)
            except (SpentError, RecursionError, TreatyError):
                continue
            if isinstance(outcome, Found):
                return [outcome.value]
        return []

    def _side(self, direction: Direction) -> Side:
        if direction not in self._sides:
            self._sides[direction] = Side(
                "only", self.resolver, self.contract.dialect, direction, infers=True
            )
        return self._sides[direction]


FIELDS = {"query": "query", "header": "headers", "cookie": "cookies", "path": "path_parameters"}


def call(world: World, op: Operation) -> dict[str, Json]:
    """Return a request with everything that the operation demands, and nothing else."""
    value: dict[str, Json] = {"method": op.method, "path": op.path}
    for parameter in op.parameters:
        if parameter.required:
            put(value, parameter, _sampled(world, parameter))
    body = op.request_body
    if body and body.required and body.content:
        value |= content(world, Direction.REQUEST, body.content[0])
    return value


def _sampled(world: World, parameter: Parameter) -> Json:
    found = world.sample(Direction.REQUEST, parameter.schema, text=True)
    return found[0] if found else "a"


def put(value: dict[str, Json], parameter: Parameter, sample: Json) -> None:
    """Add a parameter to a request, where it is sent."""
    place = FIELDS.get(parameter.location, parameter.location)
    inner = value.get(place)
    value[place] = {**(inner if isinstance(inner, dict) else {}), parameter.name: sample}


def with_parameter(world: World, op: Operation, parameter: Parameter) -> dict[str, Json]:
    """Return the smallest request that sends the parameter."""
    value = call(world, op)
    put(value, parameter, _sampled(world, parameter))
    return value


def content(world: World, direction: Direction, media: MediaType) -> dict[str, Json]:
    """Return the members of a message with a body of this media type."""
    found = world.sample(direction, media.schema, text=False)
    return {"content_type": media.name, "body": found[0] if found else None}


def answer(world: World, op: Operation, response: Response) -> dict[str, Json]:
    """Return a response with everything that it promises, and nothing else."""
    value: dict[str, Json] = {"method": op.method, "path": op.path, "status": response.status}
    headers: dict[str, Json] = {}
    for header in response.headers:
        if header.required:
            found = world.sample(Direction.RESPONSE, header.schema, text=True)
            headers[header.name] = found[0] if found else "a"
    if headers:
        value["headers"] = headers
    if response.content:
        value |= content(world, Direction.RESPONSE, response.content[0])
    return value


def members(value: Mapping[str, Json], name: str) -> Iterator[tuple[str, Json]]:
    """Yield the entries of a member that is an object."""
    inner = value.get(name)
    if isinstance(inner, dict):
        yield from inner.items()
