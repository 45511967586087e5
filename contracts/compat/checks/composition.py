"""Checks on content models, on oneOf/anyOf/allOf, and on what is compared for equality only."""

from collections.abc import Iterator

from contracts.compat.check import ANY, Hit, check
from contracts.compat.pairs import SchemaPair, UnionPair
from contracts.report import Direction, Effect
from contracts.schema import Schema


@check(
    "additional-properties-closed",
    Effect.NARROWS,
    SchemaPair,
    directions=ANY,
    why="Members that are not listed are now refused.",
    fix="Keep the object open, or close it in a new major version.",
)
def additional_properties_closed(pair: SchemaPair) -> Iterator[Hit]:
    """An object now refuses members that are not listed."""
    if pair.both("object") and pair.new.additional is False and pair.old.additional is not False:
        yield _model(pair, "now refuses members that are not listed")


@check(
    "additional-properties-opened",
    Effect.WIDENS,
    SchemaPair,
    directions=ANY,
    why="Readers of the old version refuse members that are not listed.",
    fix="Keep the object closed.",
)
def additional_properties_opened(pair: SchemaPair) -> Iterator[Hit]:
    """An object now allows members that are not listed."""
    if pair.both("object") and pair.old.additional is False and pair.new.additional is not False:
        yield _model(pair, "now allows members that are not listed")


@check(
    "additional-properties-restricted",
    Effect.NARROWS,
    SchemaPair,
    directions=ANY,
    why="Members that are not listed and do not follow the schema are now refused.",
    fix="Keep accepting any further member.",
)
def additional_properties_restricted(pair: SchemaPair) -> Iterator[Hit]:
    """Members that are not listed must now follow a schema."""
    if pair.both("object") and pair.old.additional is True and _covered(pair.new):
        yield _model(pair, "wants a schema for members that are not listed; they were free")


@check(
    "additional-properties-freed",
    Effect.WIDENS,
    SchemaPair,
    directions=ANY,
    why="Readers of the old version expect that members that are not listed follow a schema.",
    fix="Keep the schema.",
)
def additional_properties_freed(pair: SchemaPair) -> Iterator[Hit]:
    """Members that are not listed need no longer follow a schema."""
    if pair.both("object") and pair.new.additional is True and _covered(pair.old):
        yield _model(pair, "has no schema any more for members that are not listed")


@check(
    "discriminator-changed",
    Effect.NONE,
    SchemaPair,
    directions=(Direction.REQUEST, Direction.RESPONSE),
    why="Clients choose the branch by a property that no longer says it.",
    fix="Keep the discriminator property.",
)
def discriminator_changed(pair: SchemaPair) -> Iterator[Hit]:
    """Another property tells which branch a value follows."""
    old, new = pair.old.discriminator, pair.new.discriminator
    if old and new and old != new:
        text = f"is told apart by `{new}` instead of `{old}`"
        yield Hit(text, pair.old.place("discriminator"), pair.new.place("discriminator"))


@check(
    "branch-added",
    Effect.WIDENS,
    UnionPair,
    directions=ANY,
    why="Readers of the old version do not know the further shape.",
    fix="Send the new shape only to clients that ask for it, or in a new major version.",
)
def branch_added(pair: UnionPair) -> Iterator[Hit]:
    """A value may take a further shape (oneOf, anyOf)."""
    for branch in pair.added:
        yield Hit(f"may now be `{branch.label}` too", pair.old_at, branch.pointer)


@check(
    "branch-removed",
    Effect.NARROWS,
    UnionPair,
    directions=ANY,
    why="Values of this shape are now refused.",
    fix="Keep accepting the shape.",
)
def branch_removed(pair: UnionPair) -> Iterator[Hit]:
    """A value may no longer take one of its shapes (oneOf, anyOf)."""
    for branch in pair.removed:
        yield Hit(f"may no longer be `{branch.label}`", branch.pointer, pair.new_at)


@check(
    "condition-added",
    Effect.NARROWS,
    UnionPair,
    directions=ANY,
    why="Values that meet no branch of the condition are now refused.",
    fix="Leave the condition out, or add it in a new major version.",
)
def condition_added(pair: UnionPair) -> Iterator[Hit]:
    """A value must meet a further oneOf or anyOf."""
    if pair.condition == "added":
        yield Hit("must meet a further condition (oneOf or anyOf)", pair.old_at, pair.new_at)


@check(
    "condition-removed",
    Effect.WIDENS,
    UnionPair,
    directions=ANY,
    why="Readers of the old version rely on the condition.",
    fix="Keep the condition.",
)
def condition_removed(pair: UnionPair) -> Iterator[Hit]:
    """A value need no longer meet a oneOf or anyOf."""
    if pair.condition == "removed":
        yield Hit("need no longer meet a condition (oneOf or anyOf)", pair.old_at, pair.new_at)


@check(
    "composition-undecided",
    Effect.UNKNOWN,
    UnionPair,
    directions=ANY,
    why="The branches changed so much that none can be told to follow another.",
    fix="Change one branch at a time, or name the branches by $ref.",
)
def composition_undecided(pair: UnionPair) -> Iterator[Hit]:
    """The branches of a oneOf or anyOf changed in a way that is not decided."""
    if pair.undecided:
        yield Hit("has other branches (oneOf or anyOf); undecided", pair.old_at, pair.new_at)


@check(
    "schema-undecided",
    Effect.UNKNOWN,
    SchemaPair,
    directions=ANY,
    why="What the change of this keyword does to the accepted values is not decided here.",
    fix="Review the change by hand, and show by examples what it accepts.",
)
def schema_undecided(pair: SchemaPair) -> Iterator[Hit]:
    """A keyword that is compared for equality only changed (not, if, contains, prefixItems, …)."""
    for keyword in dict.fromkeys((*pair.old_opaque, *pair.new_opaque)):
        if pair.old_opaque.get(keyword) != pair.new_opaque.get(keyword):
            text = f"has another `{keyword}`; what that does is undecided"
            yield Hit(text, pair.old.place(keyword), pair.new.place(keyword))


@check(
    "values-refused",
    Effect.NARROWS,
    SchemaPair,
    directions=ANY,
    why="The witness was accepted by the old version and is refused by the new one.",
    fix="Keep accepting what the old version accepted, or release a new major version.",
)
def values_refused(_: SchemaPair) -> Iterator[Hit]:
    """Some values that were accepted are refused, for a reason that no other check names."""
    yield from ()  # containment finds it, see contracts.compat.proving


@check(
    "values-added",
    Effect.WIDENS,
    SchemaPair,
    directions=ANY,
    why="Readers of the old version do not expect the witness.",
    fix="Send only what the old version could send, or release a new major version.",
)
def values_added(_: SchemaPair) -> Iterator[Hit]:
    """Some values that were not possible may now be sent, for a reason that no other check names."""
    yield from ()  # containment finds it, see contracts.compat.proving


SCHEMA_UNDECIDED = schema_undecided
VALUES_REFUSED = values_refused
VALUES_ADDED = values_added


def _covered(schema: Schema) -> bool:
    return not isinstance(schema.additional, bool)


def _model(pair: SchemaPair, text: str) -> Hit:
    keyword = "additionalProperties"
    return Hit(text, pair.old.place(keyword), pair.new.place(keyword))


CHECKS = (
    additional_properties_closed,
    additional_properties_opened,
    additional_properties_restricted,
    additional_properties_freed,
    discriminator_changed,
    branch_added,
    branch_removed,
    condition_added,
    condition_removed,
    composition_undecided,
    schema_undecided,
    values_refused,
    values_added,
)
