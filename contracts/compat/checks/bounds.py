"""Checks on bounds: ranges, lengths, counts, patterns, multiples and uniqueness."""

from collections.abc import Iterator

from contracts.compat.check import ANY, Hit, check
from contracts.compat.pairs import SchemaPair
from contracts.report import Effect
from contracts.schema import Limit

_KEEP = "Keep the old bound, or enforce the new one in a new major version."
_REFUSED = "Values outside the new bound are now refused."
_SURPRISE = "Readers of the old version rely on the old bound."
_RANGE = ("minimum", "maximum")
_LENGTH = ("minLength", "maxLength")
_COUNT = ("minItems", "maxItems", "minProperties", "maxProperties")


@check(
    "range-narrowed", Effect.NARROWS, SchemaPair, directions=ANY, why=_REFUSED, fix=_KEEP
)  # fmt: skip
def range_narrowed(pair: SchemaPair) -> Iterator[Hit]:
    """A number must lie within a smaller range."""
    yield from _moved(pair, _RANGE, tighter=True)


@check(
    "range-widened", Effect.WIDENS, SchemaPair, directions=ANY, why=_SURPRISE, fix=_KEEP
)  # fmt: skip
def range_widened(pair: SchemaPair) -> Iterator[Hit]:
    """A number may lie within a larger range."""
    yield from _moved(pair, _RANGE, tighter=False)


@check(
    "length-narrowed", Effect.NARROWS, SchemaPair, directions=ANY, why=_REFUSED, fix=_KEEP
)  # fmt: skip
def length_narrowed(pair: SchemaPair) -> Iterator[Hit]:
    """A text must keep to stricter lengths."""
    yield from _moved(pair, _LENGTH, tighter=True)


@check(
    "length-widened", Effect.WIDENS, SchemaPair, directions=ANY, why=_SURPRISE, fix=_KEEP
)  # fmt: skip
def length_widened(pair: SchemaPair) -> Iterator[Hit]:
    """A text may have lengths that it could not have."""
    yield from _moved(pair, _LENGTH, tighter=False)


@check(
    "count-narrowed", Effect.NARROWS, SchemaPair, directions=ANY, why=_REFUSED, fix=_KEEP
)  # fmt: skip
def count_narrowed(pair: SchemaPair) -> Iterator[Hit]:
    """An array or object must keep to stricter numbers of members."""
    yield from _moved(pair, _COUNT, tighter=True)


@check(
    "count-widened", Effect.WIDENS, SchemaPair, directions=ANY, why=_SURPRISE, fix=_KEEP
)  # fmt: skip
def count_widened(pair: SchemaPair) -> Iterator[Hit]:
    """An array or object may have numbers of members that it could not have."""
    yield from _moved(pair, _COUNT, tighter=False)


@check(
    "pattern-added", Effect.NARROWS, SchemaPair, directions=ANY,
    why="Texts that do not match are now refused.", fix=_KEEP,
)  # fmt: skip
def pattern_added(pair: SchemaPair) -> Iterator[Hit]:
    """A text must now match a pattern."""
    if pair.both("string") and set(pair.old.patterns) < set(pair.new.patterns):
        added = sorted(set(pair.new.patterns) - set(pair.old.patterns))
        yield _hit(pair, "pattern", f"must now match `{added[0]}`")


@check(
    "pattern-removed", Effect.WIDENS, SchemaPair, directions=ANY, why=_SURPRISE, fix=_KEEP
)  # fmt: skip
def pattern_removed(pair: SchemaPair) -> Iterator[Hit]:
    """A text need no longer match a pattern."""
    if pair.both("string") and set(pair.new.patterns) < set(pair.old.patterns):
        gone = sorted(set(pair.old.patterns) - set(pair.new.patterns))
        yield _hit(pair, "pattern", f"need no longer match `{gone[0]}`")


@check(
    "pattern-changed", Effect.UNKNOWN, SchemaPair, directions=ANY,
    why="Whether one pattern covers the other is not decided here.",
    fix="Show by examples that every text of the old pattern matches the new one.",
)  # fmt: skip
def pattern_changed(pair: SchemaPair) -> Iterator[Hit]:
    """A text must match another pattern than before."""
    old, new = set(pair.old.patterns), set(pair.new.patterns)
    if pair.both("string") and old - new and new - old:
        text = f"must match `{min(new - old)}` instead of `{min(old - new)}`"
        yield _hit(pair, "pattern", text)


@check(
    "multiple-of-narrowed", Effect.NARROWS, SchemaPair, directions=ANY, why=_REFUSED, fix=_KEEP
)  # fmt: skip
def multiple_of_narrowed(pair: SchemaPair) -> Iterator[Hit]:
    """A number must be a multiple of something new or coarser."""
    if _step(pair) == "narrowed":
        yield _hit(pair, "multipleOf", f"must now be a multiple of {_say(pair.new.multiple_of)}")


@check(
    "multiple-of-widened", Effect.WIDENS, SchemaPair, directions=ANY, why=_SURPRISE, fix=_KEEP
)  # fmt: skip
def multiple_of_widened(pair: SchemaPair) -> Iterator[Hit]:
    """A number may be a multiple of something finer, or any number."""
    if _step(pair) == "widened":
        text = f"need no longer be a multiple of {_say(pair.old.multiple_of)}"
        yield _hit(pair, "multipleOf", text)


@check(
    "multiple-of-changed", Effect.CHANGES, SchemaPair, directions=ANY, why=_REFUSED, fix=_KEEP
)  # fmt: skip
def multiple_of_changed(pair: SchemaPair) -> Iterator[Hit]:
    """A number must be a multiple of something unrelated to before."""
    if _step(pair) == "changed":
        text = (
            f"must be a multiple of {_say(pair.new.multiple_of)}, not {_say(pair.old.multiple_of)}"
        )
        yield _hit(pair, "multipleOf", text)


@check(
    "unique-items-added", Effect.NARROWS, SchemaPair, directions=ANY,
    why="Arrays with equal items are now refused.", fix=_KEEP,
)  # fmt: skip
def unique_items_added(pair: SchemaPair) -> Iterator[Hit]:
    """The items of an array must now differ."""
    if pair.both("array") and pair.new.unique and not pair.old.unique:
        yield _hit(pair, "uniqueItems", "must now have items that differ")


@check(
    "unique-items-removed", Effect.WIDENS, SchemaPair, directions=ANY, why=_SURPRISE, fix=_KEEP
)  # fmt: skip
def unique_items_removed(pair: SchemaPair) -> Iterator[Hit]:
    """The items of an array may now be equal."""
    if pair.both("array") and pair.old.unique and not pair.new.unique:
        yield _hit(pair, "uniqueItems", "may now have equal items")


def _moved(pair: SchemaPair, keywords: tuple[str, ...], *, tighter: bool) -> Iterator[Hit]:
    if pair.old.enum is not None and pair.new.enum is not None:
        return  # both list their values, so bounds say nothing more
    for keyword in keywords:
        old, new = pair.old.limits.get(keyword), pair.new.limits.get(keyword)
        if old == new or not pair.old.types & pair.new.types:
            continue
        if _is_tighter(old, new, lower=keyword.startswith("min")) is tighter:
            yield _hit(pair, keyword, _sentence(keyword, old, new))


def _is_tighter(old: Limit | None, new: Limit | None, *, lower: bool) -> bool:
    if old is None or new is None:
        return old is None
    if old.value == new.value:
        return new.exclusive
    return (new.value > old.value) is lower


def _sentence(keyword: str, old: Limit | None, new: Limit | None) -> str:
    if new is None:
        return f"has no `{keyword}` any more; it was {old}"
    return f"has a `{keyword}` of {new} now; " + (f"it was {old}" if old else "there was none")


def _step(pair: SchemaPair) -> str:
    old, new = pair.old.multiple_of, pair.new.multiple_of
    if old == new or not pair.both("number", "integer"):
        return ""
    narrower = all(any(_divides(n, o) for n in new) for o in old)
    wider = all(any(_divides(o, n) for o in old) for n in new)
    if narrower:
        return "" if wider else "narrowed"
    return "widened" if wider else "changed"


def _divides(number: float, divisor: float) -> bool:
    """Whether every multiple of `number` is one of `divisor`; close counts, 0.01 is no binary."""
    ratio = number / divisor
    return abs(ratio - round(ratio)) < 1e-9 * max(1.0, abs(ratio)) and round(ratio) != 0


def _say(multiples: tuple[float, ...]) -> str:
    return " and ".join(f"{number:g}" for number in multiples)


def _hit(pair: SchemaPair, keyword: str, text: str) -> Hit:
    return Hit(text, pair.old.place(keyword), pair.new.place(keyword))


CHECKS = (
    range_narrowed,
    range_widened,
    length_narrowed,
    length_widened,
    count_narrowed,
    count_widened,
    pattern_added,
    pattern_removed,
    pattern_changed,
    multiple_of_narrowed,
    multiple_of_widened,
    multiple_of_changed,
    unique_items_added,
    unique_items_removed,
)
