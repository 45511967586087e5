"""Checks on responses: statuses, media types and headers."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import HeaderPair, MediaTypePair, ResponsePair
from contracts.model import Header
from contracts.report import Direction, Effect


@check(
    "response-success-status-removed",
    Effect.CHANGES,
    ResponsePair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients wait for this status and take any other for a failure.",
    fix="Keep answering with it.",
)
def response_success_status_removed(pair: ResponsePair) -> Iterator[Hit]:
    """A success status is no longer answered."""
    if pair.new is None and pair.success:
        yield Hit("this success status is gone")


@check(
    "response-success-status-added",
    Effect.WIDENS,
    ResponsePair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients treat an unknown status by its class.",
)
def response_success_status_added(pair: ResponsePair) -> Iterator[Hit]:
    """A further success status may be answered."""
    if pair.old is None and pair.success:
        yield Hit("this success status is new")


@check(
    "response-error-status-removed",
    Effect.NARROWS,
    ResponsePair,
    directions=RESPONSE,
    why="Clients that handle it are prepared for more than can happen.",
)
def response_error_status_removed(pair: ResponsePair) -> Iterator[Hit]:
    """An error status is no longer answered."""
    if pair.new is None and not pair.success:
        yield Hit("this error response is gone")


@check(
    "response-error-status-added",
    Effect.WIDENS,
    ResponsePair,
    directions=RESPONSE,
    why="Clients treat an unknown status by its class.",
)
def response_error_status_added(pair: ResponsePair) -> Iterator[Hit]:
    """A further error status may be answered."""
    if pair.old is None and not pair.success:
        yield Hit("this error response is new")


@check(
    "response-body-removed",
    Effect.CHANGES,
    ResponsePair,
    directions=RESPONSE,
    why="Clients read a body that no longer comes.",
    fix="Keep answering with the body.",
)
def response_body_removed(pair: ResponsePair) -> Iterator[Hit]:
    """A response no longer has a body."""
    if pair.old and pair.new and pair.old.content and not pair.new.content:
        yield _content(pair, "the body is gone")


@check(
    "response-body-added",
    Effect.NONE,
    ResponsePair,
    directions=RESPONSE,
    why="Clients that expect no body do not read it.",
)
def response_body_added(pair: ResponsePair) -> Iterator[Hit]:
    """A response without a body now has one."""
    if pair.old and pair.new and pair.new.content and not pair.old.content:
        yield _content(pair, "a body is new")


@check(
    "response-media-type-added",
    Effect.WIDENS,
    MediaTypePair,
    directions=REQUEST,
    why="The client chooses by Accept, so what it may ask for grows.",
)
def response_media_type_added(pair: MediaTypePair) -> Iterator[Hit]:
    """A response may be asked for in a further media type."""
    if pair.direction is Direction.RESPONSE and pair.old is None and pair.new:
        yield Hit(f"the body may now be asked for as `{pair.new.name}` too")


@check(
    "response-media-type-removed",
    Effect.NARROWS,
    MediaTypePair,
    directions=REQUEST,
    why="The client chooses by Accept; asking for this one now fails (406) or gives another.",
    fix="Keep offering it beside the others.",
)
def response_media_type_removed(pair: MediaTypePair) -> Iterator[Hit]:
    """A response may no longer be asked for in a media type."""
    if pair.direction is Direction.RESPONSE and pair.new is None and pair.old:
        yield Hit(f"the body is no longer offered as `{pair.old.name}`")


@check(
    "response-header-added",
    Effect.NONE,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients ignore headers that they do not know.",
)
def response_header_added(pair: HeaderPair) -> Iterator[Hit]:
    """A response header is new."""
    if pair.old is None and pair.new:
        yield Hit(f"header `{pair.new.name}` is new")


@check(
    "response-header-removed",
    Effect.NARROWS,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients that read it when it is there lose it.",
    fix="Keep sending it.",
)
def response_header_removed(pair: HeaderPair) -> Iterator[Hit]:
    """An optional response header is gone."""
    if pair.new is None and pair.old and not pair.old.required:
        yield Hit(f"the optional header `{pair.old.name}` is gone")


@check(
    "required-response-header-removed",
    Effect.WIDENS,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients rely on a header that was always sent.",
    fix="Keep sending it.",
)
def required_response_header_removed(pair: HeaderPair) -> Iterator[Hit]:
    """A required response header is gone."""
    if pair.new is None and pair.old and pair.old.required:
        yield Hit(f"the required header `{pair.old.name}` is gone")


@check(
    "response-header-became-optional",
    Effect.WIDENS,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients rely on a header that was always sent.",
    fix="Keep it required.",
)
def response_header_became_optional(pair: HeaderPair) -> Iterator[Hit]:
    """A required response header is now optional."""
    if pair.old and pair.new and pair.old.required and not pair.new.required:
        yield _header(pair, f"header `{pair.new.name}` is no longer always sent")


@check(
    "response-header-became-required",
    Effect.NARROWS,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients may now rely on it; where they write it, they must send it.",
    fix="Where consumers write the header, keep it optional.",
)
def response_header_became_required(pair: HeaderPair) -> Iterator[Hit]:
    """An optional response header is now always sent."""
    if pair.old and pair.new and pair.new.required and not pair.old.required:
        yield _header(pair, f"header `{pair.new.name}` is now always sent")


@check(
    "header-serialisation-changed",
    Effect.CHANGES,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="The same value is written in another way, which readers do not expect.",
    fix="Keep the way it is written; offer the new one as a further header.",
)
def header_serialisation_changed(pair: HeaderPair) -> Iterator[Hit]:
    """The explode flag or the media type in which a header is written changed."""
    if pair.old and pair.new:
        before, after = (_written(header, many=pair.many) for header in (pair.old, pair.new))
        if before != after:
            text = f"header `{pair.new.name}` is now written as {after} instead of {before}"
            yield Hit(text)


@check(
    "header-deprecated",
    Effect.NONE,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients should plan to do without it.",
)
def header_deprecated(pair: HeaderPair) -> Iterator[Hit]:
    """A header is now deprecated."""
    if pair.old and pair.new and pair.new.deprecated and not pair.old.deprecated:
        yield _deprecated(pair, f"header `{pair.new.name}` is now deprecated")


@check(
    "header-reactivated",
    Effect.NONE,
    HeaderPair,
    directions=(*RESPONSE, *REQUEST),
    why="Clients may stay with it.",
)
def header_reactivated(pair: HeaderPair) -> Iterator[Hit]:
    """A header is no longer deprecated."""
    if pair.old and pair.new and pair.old.deprecated and not pair.new.deprecated:
        yield _deprecated(pair, f"header `{pair.new.name}` is no longer deprecated")


def _written(header: Header, *, many: bool) -> str:
    if header.content:
        return f"`{header.content[0].name}`"
    return "exploded text" if header.explode and many else "plain text"


def _deprecated(pair: HeaderPair, text: str) -> Hit:
    places = jp.join(pair.site.old, "deprecated"), jp.join(pair.site.new, "deprecated")
    return Hit(text, *places)


def _content(pair: ResponsePair, text: str) -> Hit:
    return Hit(text, jp.join(pair.site.old, "content"), jp.join(pair.site.new, "content"))


def _header(pair: HeaderPair, text: str) -> Hit:
    return Hit(text, jp.join(pair.site.old, "required"), jp.join(pair.site.new, "required"))


CHECKS = (
    response_success_status_removed,
    response_success_status_added,
    response_error_status_removed,
    response_error_status_added,
    response_body_removed,
    response_body_added,
    response_media_type_added,
    response_media_type_removed,
    response_header_added,
    response_header_removed,
    required_response_header_removed,
    response_header_became_optional,
    response_header_became_required,
    header_serialisation_changed,
    header_deprecated,
    header_reactivated,
)
