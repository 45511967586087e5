"""Checks on what is announced, not enforced: links, extensible enumerations, content of texts."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import ContentPair, LinkPair, ValuesPair
from contracts.document import Json
from contracts.merging import literal
from contracts.report import Effect


@check("link-added", Effect.NONE, LinkPair, directions=RESPONSE, why="Nobody follows it yet.")
def link_added(pair: LinkPair) -> Iterator[Hit]:
    """A link to a following operation is new."""
    if pair.old is None:
        yield Hit(f"the link `{pair.name}` is new")


@check(
    "link-removed",
    Effect.NONE,
    LinkPair,
    directions=RESPONSE,
    why="The wire is the same, but tools that follow the link lose it.",
)
def link_removed(pair: LinkPair) -> Iterator[Hit]:
    """A link to a following operation is gone."""
    if pair.new is None:
        yield Hit(f"the link `{pair.name}` is gone")


@check(
    "link-changed",
    Effect.NONE,
    LinkPair,
    directions=RESPONSE,
    why="The wire is the same, but tools that follow the link call something else.",
)
def link_changed(pair: LinkPair) -> Iterator[Hit]:
    """A link leads to another operation, or with other values."""
    before, after = (
        _members(pair.old.value if pair.old else {}),
        _members(pair.new.value if pair.new else {}),
    )
    if pair.old and pair.new:
        for keyword in dict.fromkeys((*before, *after)):
            if literal(before.get(keyword)) != literal(after.get(keyword)):
                places = jp.join(pair.site.old, keyword), jp.join(pair.site.new, keyword)
                yield Hit(f"the link `{pair.name}` has another `{keyword}`", *places)


@check(
    "extensible-enum-value-removed",
    Effect.NARROWS,
    ValuesPair,
    directions=(*REQUEST, *RESPONSE),
    why="The value is no longer understood.",
    fix="Keep understanding the value.",
)
def extensible_enum_value_removed(pair: ValuesPair) -> Iterator[Hit]:
    """An extensible enumeration (`x-extensible-enum`) no longer lists a value."""
    if pair.old is not None and pair.new is not None:
        for value in _missing(pair.old, pair.new):
            yield _values(pair, f"{pair.subject} may no longer be `{value}`")


@check(
    "extensible-enum-value-added",
    Effect.NONE,
    ValuesPair,
    directions=(*REQUEST, *RESPONSE),
    why="Clients were told that further values may come.",
)
def extensible_enum_value_added(pair: ValuesPair) -> Iterator[Hit]:
    """An extensible enumeration lists a further value."""
    if pair.old is not None and pair.new is not None:
        for value in _missing(pair.new, pair.old):
            yield _values(pair, f"{pair.subject} may now be `{value}`")


@check(
    "content-changed",
    Effect.CHANGES,
    ContentPair,
    directions=(*REQUEST, *RESPONSE),
    why="The text is still a text, but what it holds is written in another way.",
    fix="Keep the property as it is, and offer the new content as a further property.",
)
def content_changed(pair: ContentPair) -> Iterator[Hit]:
    """A text holds content of another encoding or media type."""
    if pair.old and pair.new:
        text = f"{pair.subject} holds `{pair.new}` instead of `{pair.old}`"
        yield _content(pair, text)


@check(
    "content-undecided",
    Effect.UNKNOWN,
    ContentPair,
    directions=(*REQUEST, *RESPONSE),
    why="Whether the text held this content before is not written down.",
    fix="Show by examples that the text is the same as before.",
)
def content_undecided(pair: ContentPair) -> Iterator[Hit]:
    """The encoding or the media type of a text is now said, or no longer."""
    if not (pair.old and pair.new):
        said = f"is now said to hold `{pair.new}`" if pair.new else f"no longer holds `{pair.old}`"
        yield _content(pair, f"{pair.subject} {said}; what that does is undecided")


def _content(pair: ContentPair, text: str) -> Hit:
    places = jp.join(pair.site.old, pair.keyword), jp.join(pair.site.new, pair.keyword)
    return Hit(text, *places)


def _members(value: Json) -> dict[str, Json]:
    members = value if isinstance(value, dict) else {}
    return {key: member for key, member in members.items() if key != "description"}


def _missing(these: tuple[Json, ...], those: tuple[Json, ...]) -> list[Json]:
    known = {literal(value) for value in those}
    return [value for value in these if literal(value) not in known]


def _values(pair: ValuesPair, text: str) -> Hit:
    word = "x-extensible-enum"
    return Hit(text, jp.join(pair.site.old, word), jp.join(pair.site.new, word))


CHECKS = (
    link_added,
    link_removed,
    link_changed,
    extensible_enum_value_removed,
    extensible_enum_value_added,
    content_changed,
    content_undecided,
)
