"""Checks on parameters: existence, requiredness, where and how they are written."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.check import REQUEST, Hit, check
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
    """A parameter is gone."""
    if pair.new is None and pair.old:
        yield Hit(f"{_name(pair.old)} is gone; calls that send it are no longer understood")


@check(
    "parameter-became-required",
    Effect.NARROWS,
    ParameterPair,
    directions=REQUEST,
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
    directions=REQUEST,
    why="Calls with it work as before.",
)
def parameter_became_optional(pair: ParameterPair) -> Iterator[Hit]:
    """A required parameter is now optional."""
    if pair.old and pair.new and pair.old.required and not pair.new.required:
        yield _hit(pair, "required", f"{_name(pair.new)} is now optional")


@check(
    "parameter-location-changed",
    Effect.CHANGES,
    ParameterPair,
    directions=REQUEST,
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
    directions=REQUEST,
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
    directions=REQUEST,
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
    directions=REQUEST,
    why="Clients may go on sending it.",
)
def parameter_reactivated(pair: ParameterPair) -> Iterator[Hit]:
    """A parameter is no longer deprecated."""
    if pair.old and pair.new and pair.old.deprecated and not pair.new.deprecated:
        yield _hit(pair, "deprecated", f"{_name(pair.new)} is no longer deprecated")


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
    parameter_became_required,
    parameter_became_optional,
    parameter_location_changed,
    parameter_serialisation_changed,
    parameter_deprecated,
    parameter_reactivated,
)
