"""Checks on request bodies and their media types."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import MediaTypePair, RequestBodyPair
from contracts.report import Direction, Effect


@check(
    "required-request-body-added",
    Effect.NARROWS,
    RequestBodyPair,
    directions=REQUEST,
    why="Calls without a body are now refused.",
    fix="Make the body optional, with the old behaviour when it is left out.",
)
def required_request_body_added(pair: RequestBodyPair) -> Iterator[Hit]:
    """A required request body is new."""
    if pair.old is None and pair.new and pair.new.required:
        yield Hit("a required body is new")


@check(
    "optional-request-body-added",
    Effect.WIDENS,
    RequestBodyPair,
    directions=REQUEST,
    why="Calls without a body work as before.",
)
def optional_request_body_added(pair: RequestBodyPair) -> Iterator[Hit]:
    """An optional request body is new."""
    if pair.old is None and pair.new and not pair.new.required:
        yield Hit("an optional body is new")


@check(
    "request-body-removed",
    Effect.NARROWS,
    RequestBodyPair,
    directions=REQUEST,
    why="What clients send is no longer read, and may be refused.",
    fix="Keep the body and ignore what is no longer needed.",
)
def request_body_removed(pair: RequestBodyPair) -> Iterator[Hit]:
    """The request body is gone."""
    if pair.new is None:
        yield Hit("the body is gone")


@check(
    "request-body-became-required",
    Effect.NARROWS,
    RequestBodyPair,
    directions=(*REQUEST, *RESPONSE),
    why="Calls without a body are now refused.",
    fix="Keep the body optional.",
)
def request_body_became_required(pair: RequestBodyPair) -> Iterator[Hit]:
    """An optional request body is now required."""
    if pair.old and pair.new and pair.new.required and not pair.old.required:
        yield _required(pair, "the body is now required")


@check(
    "request-body-became-optional",
    Effect.WIDENS,
    RequestBodyPair,
    directions=(*REQUEST, *RESPONSE),
    why="Calls with a body work as before; where the service calls, it may come without one.",
    fix="Where the service calls its consumer, go on sending the body.",
)
def request_body_became_optional(pair: RequestBodyPair) -> Iterator[Hit]:
    """A required request body is now optional."""
    if pair.old and pair.new and pair.old.required and not pair.new.required:
        yield _required(pair, "the body is now optional")


@check(
    "request-media-type-added",
    Effect.WIDENS,
    MediaTypePair,
    directions=REQUEST,
    why="Clients may go on sending what they send.",
)
def request_media_type_added(pair: MediaTypePair) -> Iterator[Hit]:
    """A request body may be sent in a further media type."""
    if pair.direction is Direction.REQUEST and pair.old is None and pair.new:
        yield Hit(f"the body may now be `{pair.new.name}` too")


@check(
    "request-media-type-removed",
    Effect.NARROWS,
    MediaTypePair,
    directions=REQUEST,
    why="Clients that send this media type are now refused (415).",
    fix="Keep accepting it beside the others.",
)
def request_media_type_removed(pair: MediaTypePair) -> Iterator[Hit]:
    """A request body may no longer be sent in a media type."""
    if pair.direction is Direction.REQUEST and pair.new is None and pair.old:
        yield Hit(f"the body may no longer be `{pair.old.name}`")


def _required(pair: RequestBodyPair, text: str) -> Hit:
    return Hit(text, jp.join(pair.site.old, "required"), jp.join(pair.site.new, "required"))


CHECKS = (
    required_request_body_added,
    optional_request_body_added,
    request_body_removed,
    request_body_became_required,
    request_body_became_optional,
    request_media_type_added,
    request_media_type_removed,
)
