"""Checks on links of responses and on extensible enumerations: announced, not enforced."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import LinkPair, ValuesPair
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
)
