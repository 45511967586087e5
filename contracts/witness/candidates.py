"""Proposes the calls and answers that may show why a change breaks, per kind of pair.

Called by `contracts.witness.witness`. What is proposed here is judged by `promises`, which knows
nothing of the pair.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from contracts.compat import pairs
from contracts.document import Json
from contracts.model import MediaType, Operation, Parameter, Response
from contracts.report import Direction
from contracts.witness import reliance
from contracts.witness import world as ground
from contracts.witness.world import World

Candidate = tuple[Direction, dict[str, Json]]
# Each proposes from one version: what it accepts, or may send, and the other perhaps does not.
Propose = Callable[[World, Operation, Any, bool], Iterator[Candidate]]


def propose(world: World, op: Operation, pair: object, *, old: bool) -> Iterator[Candidate]:
    """Yield candidates made from one version of the pair, `old` or new."""
    proposer = PROPOSERS.get(type(pair))
    if proposer is not None:
        yield from proposer(world, op, pair, old)


def _request(value: dict[str, Json], **relies: Json) -> Candidate:
    return Direction.REQUEST, {**value, "relies_on": relies} if relies else value


def _operation(
    world: World, op: Operation, _: pairs.OperationPair, __: bool
) -> Iterator[Candidate]:
    yield _request(ground.call(world, op))


def _life(world: World, op: Operation, pair: pairs.LifePair, _: bool) -> Iterator[Candidate]:
    """A call on a day that one version still promises."""
    days = [pair.on + timedelta(days=pair.lifecycle.stable_days)]
    for life in (pair.old, pair.new):
        try:
            day = date.fromisoformat(str(life.sunset)[:10]) if life else pair.on
        except ValueError:
            continue
        days += [day - timedelta(days=1), day]
    for day in days:
        yield _request({**ground.call(world, op), "on": day.isoformat()})


def _parameter(
    world: World, op: Operation, pair: pairs.ParameterPair, old: bool
) -> Iterator[Candidate]:
    yield _request(ground.call(world, op))
    parameter = pair.old if old else pair.new
    if parameter is None:
        return
    call = ground.with_parameter(world, op, parameter)
    yield _request(call)
    for relied in _relied(parameter, pair.new if old else pair.old):
        yield _request(call, parameter=relied)


def _relied(parameter: Parameter, other: Parameter | None) -> Iterator[dict[str, Json]]:
    """Yield the fewest properties that tell a parameter from its other version."""
    place: dict[str, Json] = {"in": parameter.location, "name": parameter.key[1]}
    yield place
    if other is None:
        return
    if (parameter.style, parameter.explode) != (other.style, other.explode):
        yield {**place, "style": parameter.style, "explode": parameter.explode}
    if parameter.allow_reserved and not other.allow_reserved:
        yield {**place, "allow_reserved": True}
    if parameter.allow_empty and not other.allow_empty:
        yield {**place, "allow_empty": True}


def _body(
    world: World, op: Operation, pair: pairs.RequestBodyPair, old: bool
) -> Iterator[Candidate]:
    call = ground.call(world, op)
    yield _request(call)
    yield _request({k: v for k, v in call.items() if k not in ("content_type", "body")})
    body = pair.old if old else pair.new
    for media in body.content if body else ():
        yield _request(call | ground.content(world, Direction.REQUEST, media))


def _media_type(
    world: World, op: Operation, pair: pairs.MediaTypePair, old: bool
) -> Iterator[Candidate]:
    media = pair.old if old else pair.new
    if media is None:
        return
    call = ground.call(world, op)
    if pair.direction is Direction.REQUEST:
        yield _request(call | ground.content(world, Direction.REQUEST, media))
        return
    yield _request(call, accept=media.name)
    for response in op.responses:
        if media in response.content:
            yield _sent(world, op, response, media)


def _sent(world: World, op: Operation, response: Response, media: MediaType) -> Candidate:
    body = ground.content(world, Direction.RESPONSE, media)
    return Direction.RESPONSE, ground.answer(world, op, response) | body


def _response(
    world: World, op: Operation, pair: pairs.ResponsePair, old: bool
) -> Iterator[Candidate]:
    response = pair.old if old else pair.new
    if response is None:
        return
    yield Direction.RESPONSE, ground.answer(world, op, response)
    yield _request(ground.call(world, op), status=response.status)


def _header(world: World, op: Operation, pair: pairs.HeaderPair, _: bool) -> Iterator[Candidate]:
    """An answer with every header that is demanded, and so without the one that no longer is."""
    header = pair.old or pair.new
    for response in op.responses:
        if header:
            yield Direction.RESPONSE, ground.answer(world, op, response)


def _security(world: World, op: Operation, _: pairs.SecurityPair, __: bool) -> Iterator[Candidate]:
    call = ground.call(world, op)
    for alternative in op.security.alternatives or ((),):
        held: list[Json] = [reliance.credential(world, item) for item in alternative]
        yield _request(call, credentials=held)


def _scheme(world: World, op: Operation, _: pairs.SchemePair, __: bool) -> Iterator[Candidate]:
    call = ground.call(world, op)
    for alternative in op.security.alternatives:
        held: list[Json] = [reliance.credential(world, item) for item in alternative]
        yield _request(call, credentials=held)


PROPOSERS: Mapping[type, Propose] = {
    pairs.OperationPair: _operation,
    pairs.LifePair: _life,
    pairs.ParameterPair: _parameter,
    pairs.RequestBodyPair: _body,
    pairs.MediaTypePair: _media_type,
    pairs.ResponsePair: _response,
    pairs.HeaderPair: _header,
    pairs.SecurityPair: _security,
    pairs.SchemePair: _scheme,
}
