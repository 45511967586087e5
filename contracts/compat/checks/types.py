"""Checks on types, null, enumerations and formats of a value."""

from collections.abc import Iterator

from contracts.compat.check import ANY, REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import SchemaPair
from contracts.merging import literal
from contracts.report import Direction, Effect
from contracts.schema import TYPES, Schema

_TEXT = frozenset({"boolean", "integer", "number"})  # as text, each is a string too
# Format → the wider format of the same type. Others are unrelated to each other.
_WIDER = {"int32": "int64", "float": "double"}
_ASSERTED = frozenset(
    {
        "byte",
        "binary",
        "date",
        "date-time",
        "double",
        "duration",
        "email",
        "float",
        "hostname",
        "idn-email",
        "idn-hostname",
        "int32",
        "int64",
        "ipv4",
        "ipv6",
        "iri",
        "iri-reference",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    }
)
_SHOWN = 5  # enumeration values named in one message


@check(
    "type-narrowed",
    Effect.NARROWS,
    SchemaPair,
    directions=ANY,
    why="Values of the types that are gone are now refused.",
    fix="Keep accepting the old types.",
)
def type_narrowed(pair: SchemaPair) -> Iterator[Hit]:
    """A value may be of fewer types than before."""
    old, new = _types(pair)
    if new < old:
        yield _hit(pair, "type", f"may now be {_say(new)} only; it was {_say(old)}")


@check(
    "type-widened",
    Effect.WIDENS,
    SchemaPair,
    directions=ANY,
    why="Readers of the old version do not expect the further types.",
    fix="Keep the old type, and offer the new one as a further property.",
)
def type_widened(pair: SchemaPair) -> Iterator[Hit]:
    """A value may be of more types than before."""
    old, new = _types(pair)
    if old < new:
        yield _hit(pair, "type", f"may now be {_say(new)}; it was {_say(old)}")


@check(
    "type-changed",
    Effect.CHANGES,
    SchemaPair,
    directions=ANY,
    why="Values of the old type are refused, and values of the new type are not understood.",
    fix="Keep the property as it is, and offer the new type as a further property.",
)
def type_changed(pair: SchemaPair) -> Iterator[Hit]:
    """A value is of another type than before."""
    old, new = _types(pair)
    if not (old <= new or new <= old):
        yield _hit(pair, "type", f"changed its type from {_say(old)} to {_say(new)}")


@check(
    "nullable-added",
    Effect.WIDENS,
    SchemaPair,
    directions=ANY,
    why="Readers of the old version do not expect null.",
    fix="Leave the property out instead of sending null.",
)
def nullable_added(pair: SchemaPair) -> Iterator[Hit]:
    """A value may now be null."""
    if pair.new.nullable and not pair.old.nullable:
        yield _hit(pair, "nullable", "may now be null")


@check(
    "nullable-removed",
    Effect.NARROWS,
    SchemaPair,
    directions=ANY,
    why="Null is now refused.",
    fix="Keep accepting null.",
)
def nullable_removed(pair: SchemaPair) -> Iterator[Hit]:
    """A value may no longer be null."""
    if pair.old.nullable and not pair.new.nullable:
        yield _hit(pair, "nullable", "may no longer be null")


@check(
    "enum-value-added",
    Effect.WIDENS,
    SchemaPair,
    directions=ANY,
    why="Readers of the old version do not know the value.",
    fix="Send the new value only to clients that ask for it, or in a new major version.",
)
def enum_value_added(pair: SchemaPair) -> Iterator[Hit]:
    """An enumeration allows a further value."""
    values = _missing(pair.new, pair.old)
    if values:
        reader = ""
        if pair.direction is Direction.RESPONSE:
            reader = f"; clients built on {pair.base or 'the old version'} do not know it"
            reader = reader.replace(" it", " them") if len(values) > 1 else reader
        yield _hit(pair, "enum", f"may now be {_list(values)}{reader}")


@check(
    "enum-value-removed",
    Effect.NARROWS,
    SchemaPair,
    directions=ANY,
    why="The value is now refused.",
    fix="Keep accepting the value.",
)
def enum_value_removed(pair: SchemaPair) -> Iterator[Hit]:
    """An enumeration no longer allows a value."""
    values = _missing(pair.old, pair.new)
    if values:
        yield _hit(pair, "enum", f"may no longer be {_list(values)}")


@check(
    "enum-introduced",
    Effect.NARROWS,
    SchemaPair,
    directions=ANY,
    why="Values that are not listed are now refused.",
    fix="List the values in the description, and refuse others in a new major version only.",
)
def enum_introduced(pair: SchemaPair) -> Iterator[Hit]:
    """A value that was free must now be one of an enumeration."""
    if pair.old.enum is None and pair.new.enum is not None:
        values = [literal(value) for value in pair.new.enum]
        yield _hit(pair, "enum", f"must now be {_list(values)}")


@check(
    "enum-dropped",
    Effect.WIDENS,
    SchemaPair,
    directions=ANY,
    why="Readers of the old version know the listed values only.",
    fix="Keep the enumeration.",
)
def enum_dropped(pair: SchemaPair) -> Iterator[Hit]:
    """A value that had to be one of an enumeration is now free."""
    if pair.old.enum is not None and pair.new.enum is None:
        values = [literal(value) for value in pair.old.enum]
        yield _hit(pair, "enum", f"may now be anything of its type; it was {_list(values)}")


@check(
    "format-added",
    Effect.NARROWS,
    SchemaPair,
    directions=(Direction.REQUEST, Direction.RESPONSE),
    why="Values that do not follow the format are now refused.",
    fix="Accept other values too until clients have moved.",
)
def format_added(pair: SchemaPair) -> Iterator[Hit]:
    """A value must now follow a format, or a narrower one."""
    old, new = _formats(pair)
    if new and (not old or _WIDER.get(new) == old):
        yield _hit(pair, "format", f"must now be `{new}`" + (f", it was `{old}`" if old else ""))


@check(
    "format-removed",
    Effect.WIDENS,
    SchemaPair,
    directions=(Direction.REQUEST, Direction.RESPONSE),
    why="Readers of the old version parse the value by its format.",
    fix="Keep the format.",
)
def format_removed(pair: SchemaPair) -> Iterator[Hit]:
    """A value need no longer follow a format, or may follow a wider one."""
    old, new = _formats(pair)
    if old and (not new or _WIDER.get(old) == new):
        text = f"may now be `{new}`, it was `{old}`" if new else f"need no longer be `{old}`"
        yield _hit(pair, "format", text)


@check(
    "format-changed",
    Effect.CHANGES,
    SchemaPair,
    directions=(Direction.REQUEST, Direction.RESPONSE),
    why="The value is written in another way.",
    fix="Keep the property as it is, and offer the new format as a further property.",
)
def format_changed(pair: SchemaPair) -> Iterator[Hit]:
    """A value must follow another format."""
    old, new = _formats(pair)
    if old and new and old != new and _WIDER.get(old) != new and _WIDER.get(new) != old:
        yield _hit(pair, "format", f"changed its format from `{old}` to `{new}`")


@check(
    "default-changed",
    Effect.NONE,
    SchemaPair,
    directions=REQUEST,
    why="Who leaves the value out gets another behaviour, and nothing on the wire shows it.",
    fix="Keep the default.",
)
def default_changed(pair: SchemaPair) -> Iterator[Hit]:
    """The value that is meant when nothing is sent is another one."""
    old, new = ([literal(v) for v in schema.default] for schema in (pair.old, pair.new))
    if old and new and old != new:
        yield _hit(pair, "default", f"defaults to {_list(new)} now; it was {_list(old)}")


@check(
    "property-deprecated",
    Effect.NONE,
    SchemaPair,
    directions=(*REQUEST, *RESPONSE, Direction.NONE),
    why="Clients should plan to leave it.",
)
def property_deprecated(pair: SchemaPair) -> Iterator[Hit]:
    """A value is now deprecated."""
    if pair.new.deprecated and not pair.old.deprecated:
        yield _hit(pair, "deprecated", "is now deprecated")


@check(
    "property-reactivated",
    Effect.NONE,
    SchemaPair,
    directions=(*REQUEST, *RESPONSE, Direction.NONE),
    why="Clients may stay with it.",
)
def property_reactivated(pair: SchemaPair) -> Iterator[Hit]:
    """A value is no longer deprecated."""
    if pair.old.deprecated and not pair.new.deprecated:
        yield _hit(pair, "deprecated", "is no longer deprecated")


def _types(pair: SchemaPair) -> tuple[frozenset[str], frozenset[str]]:
    old, new = pair.old.types, pair.new.types
    if pair.textual and ("string" in old) is not ("string" in new):
        old, new = _as_text(pair.old), _as_text(pair.new)
    return old, new


def _as_text(schema: Schema) -> frozenset[str]:
    """In a URL or a header every number is a text, so a free string accepts it."""
    free = "string" in schema.types and not (schema.constrained and _limits_text(schema))
    return schema.types | _TEXT if free else schema.types


def _limits_text(schema: Schema) -> bool:
    return bool(schema.enum is not None or schema.patterns or schema.format or schema.limits)


def _formats(pair: SchemaPair) -> tuple[str, str]:
    """Return the formats that both sides assert; others are annotations."""
    known = [f if f in _ASSERTED else "" for f in (pair.old.format, pair.new.format)]
    return known[0], known[1]


def _missing(these: Schema, those: Schema) -> list[str]:
    if these.enum is None or those.enum is None:
        return []
    known = {literal(value) for value in those.enum}
    return [text for value in these.enum if (text := literal(value)) not in known]


def _say(types: frozenset[str]) -> str:
    if types >= TYPES:
        return "of any type"
    if not types:
        return "nothing at all"
    names = sorted(types - {"integer"} if "number" in types else types)
    return " or ".join(names)


def _list(values: list[str]) -> str:
    shown = ", ".join(_literal(value) for value in values[:_SHOWN])
    more = len(values) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _literal(text: str) -> str:
    """Return a value as people write it: without quotes, unless nothing would be left."""
    bare = text[1:-1] if text.startswith('"') else text
    return f"`{bare or text}`"


def _hit(pair: SchemaPair, keyword: str, text: str) -> Hit:
    word = keyword
    if keyword == "enum" and "const" in {**pair.old.places, **pair.new.places}:
        word = "const"
    return Hit(text, _at(pair.old, keyword, word), _at(pair.new, keyword, word))


def _at(schema: Schema, keyword: str, word: str) -> str:
    return schema.places.get(keyword, schema.place(word))


CHECKS = (
    type_narrowed,
    type_widened,
    type_changed,
    nullable_added,
    nullable_removed,
    enum_value_added,
    enum_value_removed,
    enum_introduced,
    enum_dropped,
    format_added,
    format_removed,
    format_changed,
    default_changed,
    property_deprecated,
    property_reactivated,
)
