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
    """Yield partners by name without parameters; a range (`*/*`) on either side covers the rest."""
    left = {essence(media.name): media for media in old}
    right = {essence(media.name): media for media in new}
    covered = set()
    for name, media in left.items():
        partner = name if name in right else next((r for r in right if covers(r, name)), None)
        covered.add(partner)
        yield media, right[partner] if partner else None
    for name, media in right.items():
        if name not in covered:
            range_ = next((r for r in left if covers(r, name)), None)
            yield (left[range_] if range_ else None), media


def essence(name: str) -> str:
    """Return `type/subtype` in lower case (RFC 9110 section 8.3.1)."""
    return name.partition(";")[0].strip().lower()


def covers(range_: str, name: str) -> bool:
    """Whether a media range accepts a media type."""
    kind, _, subtype = range_.partition("/")
    return subtype == "*" and (kind in ("*", name.partition("/")[0]))


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
