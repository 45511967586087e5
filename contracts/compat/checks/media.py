"""Checks on media types that have a partner, on streams, and on the parts of forms."""

from collections.abc import Iterator, Mapping

from contracts import pointer as jp
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.matching import covers, essence, media_parameters, structured
from contracts.compat.pairs import EncodingPair, HeaderPair, MediaTypePair
from contracts.document import Json
from contracts.model import MediaType
from contracts.report import Direction, Effect

_BOTH = (*REQUEST, *RESPONSE)


@check(
    "media-type-narrowed",
    Effect.NARROWS,
    MediaTypePair,
    directions=_BOTH,
    why="What fits the old media type only is now refused.",
    fix="Keep accepting the wider media type.",
)
def media_type_narrowed(pair: MediaTypePair) -> Iterator[Hit]:
    """A body has a narrower media type: out of its range, of its suffix, or with parameters."""
    if pair.old and pair.new and _narrower(pair.old.name, pair.new.name):
        yield Hit(f"the body may now be `{pair.new.name}` only; it was `{pair.old.name}`")


@check(
    "media-type-widened",
    Effect.WIDENS,
    MediaTypePair,
    directions=_BOTH,
    why="Readers of the old version do not expect what only the wider media type allows.",
    fix="Keep the narrower media type.",
)
def media_type_widened(pair: MediaTypePair) -> Iterator[Hit]:
    """A body has a wider media type."""
    if pair.old and pair.new and _narrower(pair.new.name, pair.old.name):
        yield Hit(f"the body may now be `{pair.new.name}`; it was `{pair.old.name}`")


@check(
    "media-type-parameters-changed",
    Effect.UNKNOWN,
    MediaTypePair,
    directions=_BOTH,
    why="What a parameter of a media type means is decided by that type.",
    fix="Offer the new parameters beside the old ones.",
)
def media_type_parameters_changed(pair: MediaTypePair) -> Iterator[Hit]:
    """The parameters of a media type have other values."""
    if pair.old and pair.new and essence(pair.old.name) == essence(pair.new.name):
        old, new = media_parameters(pair.old.name), media_parameters(pair.new.name)
        if old - new and new - old:
            yield Hit(f"the media type changed from `{pair.old.name}` to `{pair.new.name}`")


@check(
    "stream-changed",
    Effect.CHANGES,
    MediaTypePair,
    directions=_BOTH,
    why="A reader of a whole body does not read a stream of items, and the other way round.",
    fix="Offer the stream as a further media type.",
)
def stream_changed(pair: MediaTypePair) -> Iterator[Hit]:
    """A body described as a whole is now a stream of items, or the other way round."""
    if pair.old and pair.new and _items_only(pair.old) != _items_only(pair.new):
        text = "is now a stream of items" if _items_only(pair.new) else "is no longer a stream"
        yield Hit(f"the body {text}")


@check(
    "part-content-type-removed",
    Effect.NARROWS,
    EncodingPair,
    directions=_BOTH,
    why="Parts in this media type are now refused.",
    fix="Keep accepting it.",
)
def part_content_type_removed(pair: EncodingPair) -> Iterator[Hit]:
    """A part of a form may no longer be of a media type."""
    for name in sorted(_types(pair.old) - _types(pair.new)):
        yield _part(pair, "contentType", f"may no longer be `{name}`")


@check(
    "part-content-type-added",
    Effect.WIDENS,
    EncodingPair,
    directions=_BOTH,
    why="Readers of the old version do not know it.",
    fix="Keep sending the old media type.",
)
def part_content_type_added(pair: EncodingPair) -> Iterator[Hit]:
    """A part of a form may be of a further media type."""
    for name in sorted(_types(pair.new) - _types(pair.old)):
        yield _part(pair, "contentType", f"may now be `{name}`")


@check(
    "part-serialisation-changed",
    Effect.CHANGES,
    EncodingPair,
    directions=_BOTH,
    why="The same value is written in another way, which is no longer read.",
    fix="Keep the style; offer the new one under a further name.",
)
def part_serialisation_changed(pair: EncodingPair) -> Iterator[Hit]:
    """A part of a form has another style, explode or allowReserved."""
    for keyword in ("style", "explode", "allowReserved"):
        default = False if keyword == "allowReserved" else None
        old, new = pair.old.get(keyword, default), pair.new.get(keyword, default)
        if old != new:
            yield _part(pair, keyword, f"changed its `{keyword}` from `{old}` to `{new}`")


@check(
    "required-header-added",
    Effect.NARROWS,
    HeaderPair,
    directions=REQUEST,
    why="Nobody sends it yet, and what comes without it is now refused.",
    fix="Make it optional.",
)
def required_header_added(pair: HeaderPair) -> Iterator[Hit]:
    """A header that consumers write is new and required."""
    if pair.direction is Direction.REQUEST and pair.old is None and pair.new and pair.new.required:
        yield Hit(f"header `{pair.new.name}` is new and required")


def _narrower(old: str, new: str) -> bool:
    if essence(old) == essence(new):
        return media_parameters(old) < media_parameters(new)
    return covers(old, new) or structured(old, new)


def _items_only(media: MediaType) -> bool:
    return media.item_schema is not None and media.schema is media.item_schema


def _types(encoding: Mapping[str, Json]) -> set[str]:
    written = encoding.get("contentType")
    return {essence(name) for name in written.split(",")} if isinstance(written, str) else set()


def _part(pair: EncodingPair, keyword: str, text: str) -> Hit:
    places = jp.join(pair.site.old, keyword), jp.join(pair.site.new, keyword)
    return Hit(f"the part `{pair.name}` {text}", *places)


CHECKS = (
    media_type_narrowed,
    media_type_widened,
    media_type_parameters_changed,
    stream_changed,
    part_content_type_removed,
    part_content_type_added,
    part_serialisation_changed,
    required_header_added,
)
