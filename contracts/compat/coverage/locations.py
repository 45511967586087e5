"""Every place of the object model, every kind of edit there, and two documents that differ by it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from contracts.compat.coverage.objects import EXCLUSIVE, OBJECTS, SKELETONS, Field, Kind
from contracts.document import Document, Json
from contracts.formats import from_document
from contracts.model import Contract


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands for a field that is not written."""


ABSENT: Final = Absent()
Leaf = Json | Absent
_NARROW: Json = {"type": "string"}
_WIDE: Json = {"type": ["string", "integer"]}
_SECURITY: Mapping[str, tuple[Json, Json]] = {
    "set": ([], [{"a": []}]),
    "alternative added": ([{"a": []}], [{"a": []}, {"b": []}]),
    "scheme added": ([{"a": []}], [{"a": [], "b": []}]),
    "scope added": ([{"a": []}], [{"a": ["read"]}]),
}


@dataclass(frozen=True, slots=True)
class Location:
    """A field at one place: the steps from the root, each an object and the field taken in it.

    `name` is how rows of the ledger call it: `paths{}/post/parameters()/required`, with `{}` after
    a map and `()` after a list.
    """

    steps: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        marks = {Kind.MAP: "{}", Kind.LIST: "()"}
        inner = [f + marks.get(OBJECTS[o][f].kind, "") for o, f in self.steps[:-1]]
        return "/".join((*inner, self.steps[-1][1]))

    @property
    def field(self) -> Field:
        owner, name = self.steps[-1]
        return OBJECTS[owner][name]


@dataclass(frozen=True, slots=True)
class Edit:
    """One kind of change of a field; both sides as the field holds them."""

    name: str
    old: Leaf
    new: Leaf


def locations() -> Iterator[Location]:
    """Yield every field of every object, wherever the object may stand."""
    yield from _inside("OpenAPI", ())


def _inside(owner: str, steps: tuple[tuple[str, str], ...]) -> Iterator[Location]:
    for name, field in OBJECTS[owner].items():
        here = (*steps, (owner, name))
        yield Location(here)
        if field.of in OBJECTS and field.deep and not _again(field.of, here):
            yield from _inside(field.of, here)


def _again(name: str, steps: tuple[tuple[str, str], ...]) -> bool:
    """Whether an object stands inside one of its kind; a callback starts anew, but only once."""
    around = [owner for owner, _ in steps]
    start = around.index("Callback") if "Callback" in around and name != "Callback" else 0
    return name in around[start:]


def edits(field: Field) -> Iterator[Edit]:
    """Yield the changes that a field of its kind can undergo."""
    for name, old, new, back in _changes(field):
        yield Edit(name, old, new)
        if back:
            yield Edit(back, new, old)


def _changes(field: Field) -> Iterator[tuple[str, Leaf, Leaf, str]]:
    """Yield each change with the name of the change back, if that is one of its own."""
    if field.kind is Kind.VALUE:
        if not field.required:
            yield "set", ABSENT, field.one, "unset"
        yield "changed", field.one, field.other, ""
    elif field.kind is Kind.FLAG:
        yield "set", ABSENT, True, "unset"
    elif field.kind is Kind.TEXTS:
        yield "element added", ["x"], ["x", "y"], "element removed"
    elif field.kind is Kind.OBJECT:
        yield "added", ABSENT, _skeleton(field.of), "removed"
    elif field.kind is Kind.SCHEMA:
        yield "set", ABSENT, _NARROW, "unset"
        yield "widened", _NARROW, _WIDE, "narrowed"
    elif field.kind is Kind.SECURITY:
        for name, (old, new) in _SECURITY.items():
            yield name, old, new, _back(name)
    else:
        yield from _members(field)


def _members(field: Field) -> Iterator[tuple[str, Leaf, Leaf, str]]:
    one = _skeleton(field.of)
    other = field.other if field.other is not None else one
    if field.kind is Kind.LIST:
        yield "element added", [one], [one, other], "element removed"
        return
    for key in field.keys:
        name = f"member {key} added" if len(field.keys) > 1 else "member added"
        yield name, {field.key: one}, {field.key: one, key: other}, _back(name)
    if field.of == "MediaType" and field.keys:
        yield "first member added", ABSENT, {field.key: one}, "last member removed"


def _back(name: str) -> str:
    return "unset" if name == "set" else name.replace("added", "removed")


def _skeleton(name: str) -> dict[str, Json]:
    return deepcopy(SKELETONS.get(name, {}))


def contract(location: Location, leaf: Leaf) -> Contract:
    """Return a small contract in which the field at a location has this value."""
    root = _build(location.steps, leaf)
    return from_document(Document("coverage.json", root, {}))


def _build(steps: tuple[tuple[str, str], ...], leaf: Leaf) -> dict[str, Json]:
    owner, name = steps[0]
    field = OBJECTS[owner][name]
    value = _skeleton(owner)
    if name in EXCLUSIVE.get(owner, ())[1:]:
        value.pop(EXCLUSIVE[owner][0], None)
    if len(steps) == 1:
        value |= deepcopy(dict(field.around or {}))
        value.pop(name, None)
        return value if isinstance(leaf, Absent) else value | {name: deepcopy(leaf)}
    inner: Json = _build(steps[1:], leaf)
    if field.kind is Kind.MAP:
        beside = value.get(name)
        inner = {**(beside if isinstance(beside, dict) else {}), field.key: inner}
    elif field.kind is Kind.LIST:
        inner = [inner]
    return value | {name: inner}
