"""Pairs the branches of `oneOf` and `anyOf` of two versions; called by the schema walker.

Equal branches pair first, whatever their order, then branches that refer to the same name, then a
single leftover on both sides. What stays unclear is undecided, never guessed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from contracts.compat.pairs import Branch, UnionPair
from contracts.document import Json
from contracts.identity import Identity
from contracts.normal import Normaliser
from contracts.refs import reference
from contracts.schema import TYPES, Schema, Spot, Union


@dataclass(frozen=True, slots=True)
class Side:
    """One version of the schema that holds the union."""

    spot: Spot
    schema: Schema
    normaliser: Normaliser
    identity: Identity


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of the unions. `old` and `new` are the schemas left to compare beside them."""

    old: Schema
    new: Schema
    pairs: tuple[tuple[str, Spot, Spot], ...] = ()
    union: UnionPair | None = None


def match(old: Side, new: Side) -> Matching:
    """Return how the unions of two schemas correspond."""
    old_left, new_left = _without_equal(old, new)
    if not old_left and not new_left:
        return Matching(old.schema, new.schema)
    if any(union.exclusive for union in (*old_left, *new_left)):
        return Matching(_hollow(old.schema), _hollow(new.schema), union=_undecided(old, new))
    if len(old_left) == 1 and len(new_left) == 1:
        return _match_branches(old, new, old_left[0], new_left[0])
    if len(old_left) + len(new_left) == 1:
        return _match_plain(old, new, old_left, new_left)
    return Matching(old.schema, new.schema, union=_undecided(old, new))


def _without_equal(old: Side, new: Side) -> tuple[list[Union], list[Union]]:
    left = [(_shape(old, union), union) for union in old.schema.unions]
    right = [(_shape(new, union), union) for union in new.schema.unions]
    mine, theirs = {shape for shape, _ in left}, {shape for shape, _ in right}
    before = [union for shape, union in left if shape not in theirs]
    after = [union for shape, union in right if shape not in mine]
    if len(before) == 1 and len(after) == 1 and not (before[0].plain and after[0].plain):
        return before, after
    # A union that only names types says no more than the types that are compared anyway.
    return [u for u in before if not u.plain], [u for u in after if not u.plain]


def _shape(side: Side, union: Union) -> tuple[str, ...]:
    # oneOf and anyOf of the same branches accept the same values unless branches overlap.
    marks = (str(union.exclusive), str(union.null and union.exclusive))
    return (*marks, *sorted(side.identity.of(branch) for branch in union.branches))


def _match_branches(old: Side, new: Side, before: Union, after: Union) -> Matching:
    left = dict(enumerate(before.branches))
    right = dict(enumerate(after.branches))
    _drop_equal(left, right, old.identity, new.identity)
    pairs = [
        *_keyed_pairs(left, right, after, _name),
        *_keyed_pairs(left, right, after, lambda spot: _kind(old, spot), lambda s: _kind(new, s)),
    ]
    if len(left) == 1 and len(right) == 1:
        (one,), (other,) = left.values(), right.values()
        pairs.append((_label(other, after), one, other))
        left, right = {}, {}
    if left and right:
        return Matching(old.schema, new.schema, tuple(pairs), _undecided(old, new))
    union = UnionPair(
        before.pointer,
        after.pointer,
        tuple(Branch(_label(spot, before), spot.at) for spot in left.values()),
        tuple(Branch(_label(spot, after), spot.at) for spot in right.values()),
    )
    return Matching(old.schema, new.schema, tuple(pairs), union)


def _drop_equal(
    left: dict[int, Spot], right: dict[int, Spot], old: Identity, new: Identity
) -> None:
    known = {new.of(spot): index for index, spot in right.items()}
    for index, spot in list(left.items()):
        partner = known.pop(old.of(spot), None)
        if partner is not None:
            del left[index], right[partner]


def _keyed_pairs(
    left: dict[int, Spot],
    right: dict[int, Spot],
    after: Union,
    key: Callable[[Spot], str],
    other_key: Callable[[Spot], str] | None = None,
) -> Iterator[tuple[str, Spot, Spot]]:
    """Take out and yield branches whose key is the same and occurs once on either side."""
    mine = _unique({index: key(spot) for index, spot in left.items()})
    theirs = _unique({index: (other_key or key)(spot) for index, spot in right.items()})
    for name, index in mine.items():
        if name in theirs:
            other = right.pop(theirs[name])
            yield _label(other, after), left.pop(index), other


def _unique(keys: Mapping[int, str]) -> dict[str, int]:
    counts = Counter(keys.values())
    return {key: index for index, key in keys.items() if key and counts[key] == 1}


def _kind(side: Side, spot: Spot) -> str:
    """Return the types of a branch; branches of different types cannot be taken for each other."""
    schema = side.normaliser.schema(side.normaliser.settle(spot))
    return " ".join(sorted(schema.types)) if schema.types != TYPES else ""


def _match_plain(old: Side, new: Side, before: list[Union], after: list[Union]) -> Matching:
    """Compare a plain schema with a union: the plain one may be one of the branches."""
    grown = bool(after)
    plain, many = (old, new) if grown else (new, old)
    union = (after or before)[0]
    if replace(many.schema, unions=()).constrained or not plain.schema.typed:
        if any(_implies(plain.schema, branch) for branch in _schemas(many, union)):
            return Matching(old.schema, new.schema)
        # The union stands beside other keywords, so it is a further condition.
        found = UnionPair(
            old.schema.at if grown else union.pointer,
            union.pointer if grown else new.schema.at,
            condition="added" if grown else "removed",
        )
        return Matching(old.schema, new.schema, union=found)
    branches = dict(enumerate(union.branches))
    partner = _partner(plain, many, branches)
    if partner is None:
        return Matching(_hollow(old.schema), _hollow(new.schema), union=_undecided(old, new))
    spot = branches.pop(partner)
    rest = tuple(Branch(_label(other, union), other.at) for other in branches.values())
    pair = (
        (_label(spot, union), plain.spot, spot)
        if grown
        else (_label(spot, union), spot, plain.spot)
    )
    found = UnionPair(
        old.schema.at if grown else union.pointer,
        union.pointer if grown else new.schema.at,
        removed=() if grown else rest,
        added=rest if grown else (),
    )
    return Matching(_hollow(old.schema), _hollow(new.schema), (pair,), found)


def _schemas(side: Side, union: Union) -> Iterator[Schema]:
    for branch in union.branches:
        yield side.normaliser.schema(side.normaliser.settle(branch))


def _implies(schema: Schema, branch: Schema) -> bool:
    """Whether a branch asks for nothing that the schema does not ask for anyway."""
    return (
        not replace(branch, required=frozenset()).constrained
        and branch.required <= schema.required
        and schema.types <= branch.types
        and (branch.nullable or not schema.nullable)
    )


def _partner(plain: Side, many: Side, branches: Mapping[int, Spot]) -> int | None:
    """Return the branch that is the plain schema, or the only one that shares a type with it."""
    identity = plain.identity.of(plain.spot)
    for index, spot in branches.items():
        if many.identity.of(spot) == identity:
            return index
    alike = [
        index
        for index, spot in branches.items()
        if many.normaliser.schema(many.normaliser.settle(spot)).types & plain.schema.types
    ]
    return alike[0] if len(alike) == 1 else None


def _undecided(old: Side, new: Side) -> UnionPair:
    def at(schema: Schema) -> str:
        return schema.unions[0].pointer if schema.unions else schema.at

    return UnionPair(at(old.schema), at(new.schema), undecided=True)


def _hollow(schema: Schema) -> Schema:
    """Return the schema with nothing but its types, where its branches are compared instead."""
    return replace(
        schema,
        enum=None,
        properties={},
        required=frozenset(),
        additional=True,
        items=None,
        limits={},
        multiple_of=(),
        unique=False,
        patterns=(),
        format="",
        unions=(),
        opaque=(),
    )


def _name(spot: Spot) -> str:
    value: Json = spot.nodes[0].value if spot.nodes else None
    if isinstance(value, dict):
        title = value.get("title")
        return reference(value) or (title if isinstance(title, str) else "")
    return ""


def _label(spot: Spot, union: Union) -> str:
    """Return how a reader recognises the branch: the name it refers to, or its number."""
    name = _name(spot)
    if name:
        return name.rpartition("/")[2]
    return f"{union.kind} {union.branches.index(spot) + 1}"
