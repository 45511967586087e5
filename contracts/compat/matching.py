"""Finds the partner of an operation, a parameter, a media type or a response in the other version.

Called by the contract walker.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from contracts.document import Json
from contracts.model import (
    MediaType,
    Node,
    Operation,
    Parameter,
    Requirement,
    Response,
    Security,
)

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def operations(
    old: Sequence[Operation], new: Sequence[Operation]
) -> Iterator[tuple[Operation | None, Operation | None]]:
    """Yield partners; the names of template parameters do not matter, `/a/{x}` is `/a/{y}`."""
    left = {op.key: op for op in old}
    right = {op.key: op for op in new}
    loose = {(op.method, shape(op.path)): op for op in new if op.key not in left}
    taken = set()
    for op in left.values():
        partner = right.get(op.key) or loose.pop((op.method, shape(op.path)), None)
        if partner is not None:
            taken.add(partner.key)
        yield op, partner
    yield from ((None, op) for op in right.values() if op.key not in taken)


def shape(path: str) -> str:
    """Return the path with nameless templates."""
    return _TEMPLATE.sub("{}", path)


def parameters(
    old: Operation, new: Operation
) -> Iterator[tuple[Parameter | None, Parameter | None]]:
    """Yield partners: path parameters by position, others by name, then moved ones by name."""
    left = {_position(old, p): p for p in old.parameters}
    right = {_position(new, p): p for p in new.parameters}
    alone = [p for key, p in left.items() if key not in right]
    fresh = {p.name: p for key, p in right.items() if key not in left}
    for key, parameter in left.items():
        if key in right:
            yield parameter, right[key]
    for parameter in alone:
        yield parameter, fresh.pop(parameter.name, None)
    yield from ((None, parameter) for parameter in fresh.values())


def _position(operation: Operation, parameter: Parameter) -> Hashable:
    if parameter.location == "path":
        names = _TEMPLATE.findall(operation.path)
        if parameter.name in names:
            return ("path", names.index(parameter.name))
    return parameter.key


def media_types(
    old: Iterable[MediaType], new: Iterable[MediaType]
) -> Iterator[tuple[MediaType | None, MediaType | None]]:
    """Yield partners: by name and parameters, by name, by `+suffix`, then ranges over the rest."""
    left, right = list(old), list(new)
    for alike in (_same_parameters, _same_essence, _same_suffix):
        for one in list(left):
            other = next((media for media in right if alike(one.name, media.name)), None)
            if other is not None:
                left.remove(one)
                right.remove(other)
                yield one, other
    yield from _ranges(left, right, list(old), list(new))


def _ranges(
    left: list[MediaType], right: list[MediaType], old: list[MediaType], new: list[MediaType]
) -> Iterator[tuple[MediaType | None, MediaType | None]]:
    """Yield the rest: a range (`*/*`) on the other side stands for what has no partner."""
    for one in left:
        cover = next((media for media in new if covers(media.name, one.name)), None)
        inside = any(covers(one.name, media.name) for media in right)
        if cover or not inside:  # a range that only became narrower is told from inside
            yield one, cover
    for other in right:
        cover = next((media for media in old if covers(media.name, other.name)), None)
        inside = any(covers(other.name, media.name) for media in left)
        if cover or not inside:
            yield cover, other


def _same_parameters(one: str, other: str) -> bool:
    return _same_essence(one, other) and media_parameters(one) == media_parameters(other)


def _same_essence(one: str, other: str) -> bool:
    return essence(one) == essence(other)


def _same_suffix(one: str, other: str) -> bool:
    return structured(one, other) or structured(other, one)


def essence(name: str) -> str:
    """Return `type/subtype` in lower case (RFC 9110 section 8.3.1)."""
    return name.partition(";")[0].strip().lower()


def media_parameters(name: str) -> frozenset[tuple[str, str]]:
    """Return the parameters of a media type that choose between representations."""
    found = (part.partition("=") for part in name.split(";")[1:])
    pairs = ((key.strip().lower(), value.strip().strip('"')) for key, _, value in found)
    return frozenset(pair for pair in pairs if pair[0] not in ("charset", "boundary", "q", ""))


def covers(range_: str, name: str) -> bool:
    """Whether a media range accepts a media type, or a narrower range."""
    range_, name = essence(range_), essence(name)
    kind, _, subtype = range_.partition("/")
    return subtype == "*" and range_ != name and kind in ("*", name.partition("/")[0])


def structured(general: str, special: str) -> bool:
    """Whether the special type can be read as the general one (RFC 6839: `+json`, `+xml`)."""
    kind, _, subtype = essence(general).partition("/")
    return kind == "application" and essence(special).endswith(f"+{subtype}") and subtype != ""


def responses(
    old: Sequence[Response], new: Sequence[Response]
) -> Iterator[tuple[Response | None, Response | None]]:
    """Yield partners by status; `2XX` stands for a missing `200`, `default` for the rest."""
    left = {response.status: response for response in old}
    right = {response.status: response for response in new}
    used = set()
    for status, response in left.items():
        partner = _cover(status, right)
        used.add(partner)
        yield response, right[partner] if partner else None
    for status, response in right.items():
        if status not in used:
            cover = _cover(status, left)
            yield (left[cover] if cover else None), response


def _cover(status: str, declared: Mapping[str, Response]) -> str | None:
    """Return what stands for a status: itself, its range, or `default` where nothing is nearer.

    Beside other success statuses, `default` describes errors.
    """
    kind = status[:1]
    for candidate in (status, f"{kind}XX"):
        if candidate in declared:
            return candidate
    near = kind in "123" and any(other[:1] == kind for other in declared)
    return "default" if "default" in declared and not near else None


def renamed_schemes(old: Mapping[str, Node], new: Mapping[str, Node]) -> dict[str, str]:
    """Return old to new names of security schemes that only have another name."""
    gone = {name: _scheme(node) for name, node in old.items() if name not in new}
    fresh = {name: _scheme(node) for name, node in new.items() if name not in old}
    names: dict[str, str] = {}
    for name, scheme in gone.items():
        twin = next((n for n, other in fresh.items() if other == scheme), None)
        if twin is not None:
            names[name] = twin
            del fresh[twin]
    return names


def rename(security: Security, names: Mapping[str, str]) -> Security:
    """Return the security with its schemes under their new names."""
    if not names:
        return security
    alternatives = tuple(
        tuple(Requirement(names.get(item.scheme, item.scheme), item.scopes) for item in group)
        for group in security.alternatives
    )
    return Security(security.node, alternatives)


def _scheme(node: Node) -> Json:
    value = node.value
    if not isinstance(value, dict):
        return value
    return {key: member for key, member in value.items() if key != "description"}
