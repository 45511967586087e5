"""Checks on parameters: existence, requiredness, where and how they are written."""

from collections.abc import Iterator
from datetime import date

from contracts import pointer as jp
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import ParameterPair
from contracts.model import Parameter
from contracts.report import Effect


@check(
    "required-parameter-added",
    Effect.NARROWS,
    ParameterPair,
    directions=REQUEST,
    why="Calls without it are now refused, and no existing client sends it.",
    fix="Make it optional, with the old behaviour when it is left out.",
)
def required_parameter_added(pair: ParameterPair) -> Iterator[Hit]:
    """A required parameter is new."""
    if pair.old is None and pair.new and pair.new.required:
        yield Hit(f"{_name(pair.new)} is new and required")


@check(
    "optional-parameter-added",
    Effect.WIDENS,
    ParameterPair,
    directions=REQUEST,
    why="Calls without it work as before.",
)
def optional_parameter_added(pair: ParameterPair) -> Iterator[Hit]:
    """An optional parameter is new."""
    if pair.old is None and pair.new and not pair.new.required:
        yield Hit(f"{_name(pair.new)} is new and optional")


@check(
    "parameter-removed",
    Effect.WIDENS,
    ParameterPair,
    directions=REQUEST,
    why="Servers ignore what they do not know, so calls succeed but no longer mean the same.",
    fix="Keep it and mark it deprecated, or refuse it with a clear error in a new major version.",
)
def parameter_removed(pair: ParameterPair) -> Iterator[Hit]:
    """A parameter that was not deprecated is gone."""
    if pair.new is None and pair.old and not pair.old.deprecated:
        yield Hit(f"{_name(pair.old)} is gone; calls that send it are no longer understood")


@check(
    "parameter-removed-before-sunset",
    Effect.NARROWS,
    ParameterPair,
    directions=REQUEST,
    why="Clients planned to leave it by the announced date, and it has not come.",
    fix="Keep it until the announced date.",
)
def parameter_removed_before_sunset(pair: ParameterPair) -> Iterator[Hit]:
    """A deprecated parameter is gone before its sunset date."""
    day = _announced(pair)
    if pair.old and day and pair.on < day:
        yield Hit(f"{_name(pair.old)} is gone before its sunset on {day.isoformat()}")


@check(
    "parameter-removed-after-deprecation",
    Effect.WIDENS,
    ParameterPair,
    directions=REQUEST,
    why="Clients were told to stop sending it.",
)
def parameter_removed_after_deprecation(pair: ParameterPair) -> Iterator[Hit]:
    """A deprecated parameter is gone, not before its sunset date where it had one."""
    if pair.new is None and pair.old and pair.old.deprecated:
        day = _announced(pair)
        if day is None or pair.on >= day:
            yield Hit(f"{_name(pair.old)} is gone, as announced")


@check(
    "parameter-became-required",
    Effect.NARROWS,
    ParameterPair,
    directions=(*REQUEST, *RESPONSE),
    why="Calls without it are now refused.",
    fix="Keep it optional, with the old behaviour when it is left out.",
)
def parameter_became_required(pair: ParameterPair) -> Iterator[Hit]:
    """An optional parameter is now required."""
    if pair.old and pair.new and pair.new.required and not pair.old.required:
        yield _hit(pair, "required", f"{_name(pair.new)} is now required")


@check(
    "parameter-became-optional",
    Effect.WIDENS,
    ParameterPair,
    directions=(*REQUEST, *RESPONSE),
    why="Calls with it work as before; where the service calls, its consumer may miss it.",
    fix="Where the service calls its consumer, go on sending it.",
)
def parameter_became_optional(pair: ParameterPair) -> Iterator[Hit]:
    """A required parameter is now optional."""
    if pair.old and pair.new and pair.old.required and not pair.new.required:
        yield _hit(pair, "required", f"{_name(pair.new)} is now optional")


@check(
    "parameter-location-changed",
    Effect.CHANGES,
    ParameterPair,
    directions=(*REQUEST, *RESPONSE),
    why="Clients write it where the server no longer looks.",
    fix="Accept it in both places until clients have moved.",
)
def parameter_location_changed(pair: ParameterPair) -> Iterator[Hit]:
    """A parameter is now written elsewhere: path, query, header or cookie."""
    if pair.old and pair.new and pair.old.location != pair.new.location:
        text = f"{_name(pair.old)} is now expected in the {pair.new.location}"
        yield _hit(pair, "in", text)


@check(
    "parameter-serialisation-changed",
    Effect.CHANGES,
    ParameterPair,
    directions=(*REQUEST, *RESPONSE),
    why="The same value is written in another way, which the server no longer reads.",
    fix="Keep the style; offer the new one as a further parameter.",
)
def parameter_serialisation_changed(pair: ParameterPair) -> Iterator[Hit]:
    """The style, the explode flag or the media type in which a parameter is written changed."""
    if pair.old and pair.new and pair.old.location == pair.new.location:
        before, after = _written(pair.old, many=pair.many), _written(pair.new, many=pair.many)
        if before != after:
            text = f"{_name(pair.new)} is now written as {after} instead of {before}"
            yield _hit(pair, "style", text)


@check(
    "parameter-deprecated",
    Effect.NONE,
    ParameterPair,
    directions=(*REQUEST, *RESPONSE),
    why="Clients should stop sending it.",
)
def parameter_deprecated(pair: ParameterPair) -> Iterator[Hit]:
    """A parameter is now deprecated."""
    if pair.old and pair.new and pair.new.deprecated and not pair.old.deprecated:
        yield _hit(pair, "deprecated", f"{_name(pair.new)} is now deprecated")


@check(
    "parameter-reactivated",
    Effect.NONE,
    ParameterPair,
    directions=(*REQUEST, *RESPONSE),
    why="Clients may go on sending it.",
)
def parameter_reactivated(pair: ParameterPair) -> Iterator[Hit]:
    """A parameter is no longer deprecated."""
    if pair.old and pair.new and pair.old.deprecated and not pair.new.deprecated:
        yield _hit(pair, "deprecated", f"{_name(pair.new)} is no longer deprecated")


@check(
    "reserved-characters-refused",
    Effect.NARROWS,
    ParameterPair,
    directions=REQUEST,
    why="Clients write reserved characters as they are, and now must escape them.",
    fix="Go on accepting reserved characters that are not escaped.",
)
def reserved_characters_refused(pair: ParameterPair) -> Iterator[Hit]:
    """Reserved characters in a parameter must now be percent-encoded (`allowReserved`)."""
    if pair.old and pair.new and pair.old.allow_reserved and not pair.new.allow_reserved:
        text = f"{_name(pair.new)} must now have reserved characters percent-encoded"
        yield _hit(pair, "allowReserved", text)


@check(
    "reserved-characters-allowed",
    Effect.WIDENS,
    ParameterPair,
    directions=REQUEST,
    why="Escaped characters mean what they meant.",
)
def reserved_characters_allowed(pair: ParameterPair) -> Iterator[Hit]:
    """Reserved characters in a parameter need no longer be percent-encoded."""
    if pair.old and pair.new and pair.new.allow_reserved and not pair.old.allow_reserved:
        text = f"{_name(pair.new)} may now have reserved characters as they are"
        yield _hit(pair, "allowReserved", text)


@check(
    "empty-parameter-refused",
    Effect.NARROWS,
    ParameterPair,
    directions=REQUEST,
    why="Calls that send the parameter without a value are now refused.",
    fix="Keep accepting the parameter without a value.",
)
def empty_parameter_refused(pair: ParameterPair) -> Iterator[Hit]:
    """A parameter may no longer be sent without a value (`allowEmptyValue`)."""
    if pair.old and pair.new and pair.old.allow_empty and not pair.new.allow_empty:
        yield _hit(pair, "allowEmptyValue", f"{_name(pair.new)} may no longer be empty")


@check(
    "empty-parameter-allowed",
    Effect.WIDENS,
    ParameterPair,
    directions=REQUEST,
    why="Calls with a value work as before.",
)
def empty_parameter_allowed(pair: ParameterPair) -> Iterator[Hit]:
    """A parameter may now be sent without a value."""
    if pair.old and pair.new and pair.new.allow_empty and not pair.old.allow_empty:
        yield _hit(pair, "allowEmptyValue", f"{_name(pair.new)} may now be empty")


def _announced(pair: ParameterPair) -> date | None:
    if pair.new is not None or pair.old is None or not pair.old.deprecated:
        return None
    value = pair.old.node.value
    sunset = value.get("x-sunset") if isinstance(value, dict) else None
    try:
        return date.fromisoformat(str(sunset)[:10])
    except ValueError:
        return None


def _name(parameter: Parameter) -> str:
    return f"parameter `{parameter.name}` ({parameter.location})"


def _written(parameter: Parameter, *, many: bool) -> str:
    """Return the way a value is written; single values look alike in most styles."""
    if parameter.content and not parameter.schema:
        return f"`{parameter.content[0].name}`"
    if not many:
        return f"`{parameter.style}`" if parameter.style in ("matrix", "label") else "plain text"
    return f"`{parameter.style}`, {'exploded' if parameter.explode else 'not exploded'}"


def _hit(pair: ParameterPair, keyword: str, text: str) -> Hit:
    return Hit(text, jp.join(pair.site.old, keyword), jp.join(pair.site.new, keyword))


CHECKS = (
    required_parameter_added,
    optional_parameter_added,
    parameter_removed,
    parameter_removed_before_sunset,
    parameter_removed_after_deprecation,
    parameter_became_required,
    parameter_became_optional,
    parameter_location_changed,
    parameter_serialisation_changed,
    parameter_deprecated,
    parameter_reactivated,
    reserved_characters_refused,
    reserved_characters_allowed,
    empty_parameter_refused,
    empty_parameter_allowed,
)
