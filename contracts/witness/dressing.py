"""Turns a value of a body, a parameter or a header into the whole call or answer that carries it.

Called by `witness`. The whole is shown only when it is judged like the value alone.
"""

from collections.abc import Iterator

from contracts.document import Json
from contracts.model import MediaType, Operation
from contracts.witness import world as ground
from contracts.witness.world import World


def calls(world: World, op: Operation, pointer: str, value: Json) -> Iterator[dict[str, Json]]:
    """Yield requests that carry the value at the part of the operation written at `pointer`."""
    for parameter in op.parameters:
        if parameter.node.pointer == pointer:
            call = ground.call(world, op)
            ground.put(call, parameter, value)
            yield call
    for media in op.request_body.content if op.request_body else ():
        if _is(media, pointer):
            yield ground.call(world, op) | {"content_type": media.name, "body": value}


def answers(world: World, op: Operation, pointer: str, value: Json) -> Iterator[dict[str, Json]]:
    """Yield responses that carry the value at the part of the operation written at `pointer`."""
    for response in op.responses:
        for media in response.content:
            if _is(media, pointer):
                answer = ground.answer(world, op, response)
                yield answer | {"content_type": media.name, "body": value}
        for header in response.headers:
            if header.node.pointer == pointer:
                answer = ground.answer(world, op, response)
                known = answer.get("headers")
                headers = known if isinstance(known, dict) else {}
                yield answer | {"headers": {**headers, header.name: value}}


def bare(operation: str, value: Json) -> dict[str, Json]:
    """Return the value as the body of what could not be made whole."""
    return {"operation": operation, "body": value} if operation else {"body": value}


def _is(media: MediaType, pointer: str) -> bool:
    return media.node.pointer == pointer
