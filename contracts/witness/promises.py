"""Says whether a contract promises to serve a call, or may send an answer.

Written apart from the walk and its checks, so that a witness is judged by somebody else.
"""

from collections.abc import Mapping
from datetime import date

from contracts.compat.matching import covers, essence
from contracts.document import Json
from contracts.model import MediaType, Operation, Response
from contracts.report import Direction
from contracts.witness import reliance
from contracts.witness.world import FIELDS, World, members


def accepts_request(world: World, value: Mapping[str, Json], *, writes: bool = True) -> bool:
    """Whether the contract promises to serve the request.

    `writes` decides for values that a validator cannot judge: a writer does not rely on them.
    """
    op = world.operation(str(value.get("method")), str(value.get("path")))
    return (
        op is not None
        and _in_time(op, value)
        and reliance.holds(world, op, value)
        and _parameters(world, op, value, writes=writes)
        and _body(world, op, value, writes=writes)
    )


def accepts_response(world: World, value: Mapping[str, Json], *, writes: bool = True) -> bool:
    """Whether the contract lets a service send the response."""
    op = world.operation(str(value.get("method")), str(value.get("path")))
    response = _response(op, str(value.get("status"))) if op else None
    return response is not None and _answer(world, response, value, writes=writes)


def _in_time(op: Operation, value: Mapping[str, Json]) -> bool:
    """Whether the operation is promised on the day of the call: never once it is on the way out."""
    on = value.get("on")
    if on is None or not op.deprecated:
        return True
    try:
        return date.fromisoformat(str(on)) < date.fromisoformat(str(op.sunset)[:10])
    except ValueError:
        return False


def _parameters(world: World, op: Operation, value: Mapping[str, Json], *, writes: bool) -> bool:
    for parameter in op.parameters:
        sent = dict(members(value, FIELDS.get(parameter.location, parameter.location)))
        if parameter.location == "header":
            sent = {name.lower(): item for name, item in sent.items()}
        name = parameter.key[1]
        if parameter.location == "path":
            continue  # templates are matched by position, and always filled
        if name not in sent:
            if parameter.required:
                return False
            continue
        if not world.accepts(Direction.REQUEST, parameter.schema, sent[name], writes=writes):
            return False
    return True


def _body(world: World, op: Operation, value: Mapping[str, Json], *, writes: bool) -> bool:
    declared = op.request_body
    if "content_type" not in value:
        return declared is None or not declared.required
    media = _media(declared.content, str(value["content_type"])) if declared else None
    if media is None:
        return False
    return world.accepts(Direction.REQUEST, media.schema, value.get("body"), writes=writes)


def _media(content: tuple[MediaType, ...], name: str) -> MediaType | None:
    same = (media for media in content if essence(media.name) == essence(name))
    ranges = (media for media in content if covers(media.name, name))
    return next(same, None) or next(ranges, None)


def _response(op: Operation, status: str) -> Response | None:
    for name in (status, f"{status[:1]}XX", "default"):
        found = next((r for r in op.responses if r.status.upper() == name.upper()), None)
        if found:
            return found
    return None


def _answer(world: World, response: Response, value: Mapping[str, Json], *, writes: bool) -> bool:
    sent = {name.lower(): item for name, item in members(value, "headers")}
    for header in response.headers:
        name = header.name.lower()
        if name not in sent:
            if header.required:
                return False
        elif not world.accepts(Direction.RESPONSE, header.schema, sent[name], writes=writes):
            return False
    if "content_type" not in value:
        return not response.content
    media = _media(response.content, str(value["content_type"]))
    if media is None:
        return False
    return world.accepts(Direction.RESPONSE, media.schema, value.get("body"), writes=writes)
