"""What a caller may rely on beside the values it sends: `relies_on` of a witness.

Each entry names one promise (`status`, `accept`, `parameter`, `credentials`, …) and how a contract
shows that it makes it. A new kind of promise is one function and one line.
"""

from collections.abc import Callable, Mapping

from contracts.compat.matching import covers, essence
from contracts.document import Json
from contracts.model import Operation, Requirement
from contracts.refs import Resolver
from contracts.witness.world import World

Promise = Callable[[World, Operation, Json], bool]


def holds(world: World, op: Operation, value: Mapping[str, Json]) -> bool:
    """Whether the operation makes every promise that the call relies on."""
    wanted = value.get("relies_on")
    if not isinstance(wanted, dict):
        return True
    return all(PROMISES[name](world, op, item) for name, item in wanted.items())


def scheme(world: World, name: str) -> Json:
    """Return what a caller has to know of a security scheme; words do not matter."""
    node = world.contract.security_schemes.get(name)
    value = Resolver(world.contract.document).resolve(node).value if node else None
    if not isinstance(value, dict):
        return None
    return {key: value[key] for key in ("type", "in", "name", "scheme") if key in value}


def credential(world: World, requirement: Requirement) -> Json:
    """Return what a caller presents for a requirement."""
    return {
        "name": requirement.scheme,
        "scheme": scheme(world, requirement.scheme),
        "scopes": list(requirement.scopes),
    }


def _status(_: World, op: Operation, wanted: Json) -> bool:
    """The operation says that it answers with this status."""
    return any(response.status == wanted for response in op.responses)


def _accept(_: World, op: Operation, wanted: Json) -> bool:
    """Some answer comes in this media type."""
    name = str(wanted)
    names = [media.name for response in op.responses for media in response.content]
    return any(essence(n) == essence(name) or covers(n, name) for n in names)


def _parameter(_: World, op: Operation, wanted: Json) -> bool:
    """The parameter is read from this place, and written in this style."""
    if not isinstance(wanted, dict):
        return False
    return any(
        described.items() >= wanted.items()
        for parameter in op.parameters
        if (
            described := {
                "in": parameter.location,
                "name": parameter.key[1],
                "style": parameter.style,
                "explode": parameter.explode,
                "allow_reserved": parameter.allow_reserved,
                "allow_empty": parameter.allow_empty,
            }
        )
    )


def _credentials(world: World, op: Operation, wanted: Json) -> bool:
    """The presented credentials, or none at all, are enough."""
    offered = op.security.alternatives
    held = [item for item in wanted if isinstance(item, dict)] if isinstance(wanted, list) else []
    return not offered or any(
        all(_presented(world, requirement, held) for requirement in alternative)
        for alternative in offered
    )


def _presented(world: World, requirement: Requirement, held: list[dict[str, Json]]) -> bool:
    kind = scheme(world, requirement.scheme)
    for item in held:
        scopes = item.get("scopes")
        granted = scopes if isinstance(scopes, list) else []
        if item.get("scheme") == kind and all(scope in granted for scope in requirement.scopes):
            return True
    return False


PROMISES: Mapping[str, Promise] = {
    "status": _status,
    "accept": _accept,
    "parameter": _parameter,
    "credentials": _credentials,
}
