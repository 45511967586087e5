"""Checks on the members of objects: added, removed, required, and who may write them."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.check import ANY, REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import PropertyPair
from contracts.report import Direction, Effect
from contracts.schema import Schema


@check(
    "required-property-added",
    Effect.NARROWS,
    PropertyPair,
    directions=ANY,
    why="What was written without it is now refused.",
    fix="Make it optional, with the old behaviour when it is left out.",
)
def required_property_added(pair: PropertyPair) -> Iterator[Hit]:
    """A required property is new."""
    if pair.old is None and pair.new and pair.is_required and not pair.was_required:
        yield _hit(pair, "is new and required")


@check(
    "optional-property-added",
    Effect.NONE,
    PropertyPair,
    directions=(Direction.REQUEST, Direction.RESPONSE),
    why="Who does not know it leaves it out, or ignores it.",
)
def optional_property_added(pair: PropertyPair) -> Iterator[Hit]:
    """An optional property is new in an object that is open to further members."""
    if _added(pair) and not pair.is_required and pair.old_owner.additional is True:
        yield _hit(pair, "is new and optional")


@check(
    "property-added-to-closed-model",
    Effect.WIDENS,
    PropertyPair,
    directions=ANY,
    why="Readers of the old version refuse members that are not listed.",
    fix="Open the model in a version of its own, and wait until readers have it.",
)
def property_added_to_closed_model(pair: PropertyPair) -> Iterator[Hit]:
    """A property is new in an object that refused further members."""
    if _added(pair) and pair.old_owner.additional is False:
        yield _hit(pair, f"is new, and readers built on {pair.base or 'the old version'} refuse it")


@check(
    "property-added-to-open-model",
    Effect.NARROWS,
    PropertyPair,
    directions=(Direction.NONE,),
    why="The old schema accepted any value under this name, the new one does not.",
    fix="Close the model first, or accept any value under the name.",
)
def property_added_to_open_model(pair: PropertyPair) -> Iterator[Hit]:
    """A name that could hold anything in a JSON Schema now has a schema."""
    free = _added(pair) and pair.exact and pair.old_owner.additional is True
    if free and not pair.is_required and _limits(pair.new):
        yield _hit(pair, "could hold anything and now follows a schema")


@check(
    "property-removed-from-closed-model",
    Effect.NARROWS,
    PropertyPair,
    directions=(Direction.REQUEST, Direction.NONE),
    why="The object refuses members that are not listed, so existing values are refused.",
    fix="Keep the property and mark it deprecated.",
)
def property_removed_from_closed_model(pair: PropertyPair) -> Iterator[Hit]:
    """A property is gone from an object that refuses further members."""
    if _removed(pair) and pair.new_owner.additional is False:
        yield _hit(pair, "is gone, and members that are not listed are refused")


@check(
    "property-removed-from-open-model",
    Effect.WIDENS,
    PropertyPair,
    directions=(Direction.NONE,),
    why="The name may now hold anything.",
    fix="Keep the property and mark it deprecated.",
)
def property_removed_from_open_model(pair: PropertyPair) -> Iterator[Hit]:
    """A property is gone from a JSON Schema that is open to further members."""
    freed = _removed(pair) and pair.exact and pair.new_owner.additional is True
    if freed and (pair.was_required or _limits(pair.old)):
        yield _hit(pair, "is gone, so the name may now hold anything")


@check(
    "request-property-removed",
    Effect.WIDENS,
    PropertyPair,
    directions=REQUEST,
    why="Clients still send it, and the server silently drops it.",
    fix="Keep the property and mark it deprecated until nobody sends it.",
)
def request_property_removed(pair: PropertyPair) -> Iterator[Hit]:
    """A property is no longer read from requests."""
    if _gone(pair) and not (pair.new_declared is None and pair.new_owner.additional is False):
        yield _hit(pair, "is gone; what clients send there is no longer read")


@check(
    "response-property-removed",
    Effect.NARROWS,
    PropertyPair,
    directions=RESPONSE,
    why="Its absence was always allowed, yet clients that read it lose it.",
    fix="Keep the property and mark it deprecated until nobody reads it.",
)
def response_property_removed(pair: PropertyPair) -> Iterator[Hit]:
    """An optional property is no longer sent in responses."""
    if _gone(pair) and not pair.was_required:
        yield _hit(pair, "is gone; it was optional")


@check(
    "required-response-property-removed",
    Effect.WIDENS,
    PropertyPair,
    directions=RESPONSE,
    why="Clients rely on a value that was always sent.",
    fix="Keep sending the property, mark it deprecated, and remove it in a new major version.",
)
def required_response_property_removed(pair: PropertyPair) -> Iterator[Hit]:
    """A property that was always sent is gone from responses."""
    if _gone(pair) and pair.was_required:
        yield _hit(pair, "is gone; it was always sent")


@check(
    "property-became-required",
    Effect.NARROWS,
    PropertyPair,
    directions=ANY,
    why="What was written without it is now refused.",
    fix="Keep it optional, with the old behaviour when it is left out.",
)
def property_became_required(pair: PropertyPair) -> Iterator[Hit]:
    """An optional property is now required."""
    known = pair.old is not None or pair.new is None
    if known and pair.is_required and not pair.was_required:
        yield _hit(pair, "is now required")


@check(
    "property-became-optional",
    Effect.WIDENS,
    PropertyPair,
    directions=ANY,
    why="Readers rely on a value that was always there.",
    fix="Keep it required.",
)
def property_became_optional(pair: PropertyPair) -> Iterator[Hit]:
    """A required property is now optional."""
    covered = not isinstance(pair.new_owner.additional, bool)
    known = pair.new is not None or pair.old is None or covered
    if known and pair.was_required and not pair.is_required:
        yield _hit(pair, "is now optional")


@check(
    "property-became-read-only",
    Effect.NONE,
    PropertyPair,
    directions=REQUEST,
    why="Clients should no longer send it; what they send is ignored.",
)
def property_became_read_only(pair: PropertyPair) -> Iterator[Hit]:
    """A property is now only sent in responses, and no longer read from requests."""
    if pair.old and pair.new is None and pair.new_declared and pair.new_declared.read_only:
        yield _flag(pair, "readOnly", "is now read-only")


@check(
    "property-became-write-only",
    Effect.NONE,
    PropertyPair,
    directions=RESPONSE,
    why="It was optional; clients no longer get it.",
)
def property_became_write_only(pair: PropertyPair) -> Iterator[Hit]:
    """A property is now only read from requests, and no longer sent in responses."""
    if pair.old and pair.new is None and pair.new_declared and pair.new_declared.write_only:
        yield _flag(pair, "writeOnly", "is now write-only")


def _added(pair: PropertyPair) -> bool:
    return pair.old_declared is None and pair.old is None and pair.new is not None


def _removed(pair: PropertyPair) -> bool:
    """Whether the property is declared no longer, so that a closed object refuses it."""
    return pair.old is not None and pair.new_declared is None


def _gone(pair: PropertyPair) -> bool:
    """Whether the property no longer travels in this direction."""
    return pair.old is not None and pair.new is None and pair.new_owner.additional in (True, False)


def _limits(schema: Schema | None) -> bool:
    """Whether the schema refuses any value."""
    return schema is not None and (schema.typed or schema.constrained)


def _hit(pair: PropertyPair, text: str) -> Hit:
    return Hit(text, _at(pair.old_owner, pair.name), _at(pair.new_owner, pair.name), pair.name)


def _flag(pair: PropertyPair, keyword: str, text: str) -> Hit:
    old = pair.old_declared.place(keyword) if pair.old_declared else None
    new = pair.new_declared.place(keyword) if pair.new_declared else None
    return Hit(text, old, new, pair.name)


def _at(owner: Schema, name: str) -> str:
    """Return where a member is written, or would be."""
    spot = owner.properties.get(name)
    return spot.at if spot else jp.join(owner.at, "properties", name)


CHECKS = (
    required_property_added,
    optional_property_added,
    property_added_to_closed_model,
    property_added_to_open_model,
    property_removed_from_closed_model,
    property_removed_from_open_model,
    request_property_removed,
    response_property_removed,
    required_response_property_removed,
    property_became_required,
    property_became_optional,
    property_became_read_only,
    property_became_write_only,
)
