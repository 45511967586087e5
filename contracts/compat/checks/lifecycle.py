"""Checks on announced ends: sunset dates and stability of operations, parameters, properties."""

from collections.abc import Iterator
from datetime import date

from contracts import pointer as jp
from contracts.compat.check import REQUEST, Hit, check
from contracts.compat.lifecycle import LEVELS
from contracts.compat.pairs import Life, LifePair
from contracts.report import Effect


@check(
    "sunset-unreadable",
    Effect.UNKNOWN,
    LifePair,
    directions=REQUEST,
    why="Nobody can tell until when it works.",
    fix="Write the date as YYYY-MM-DD.",
)
def sunset_unreadable(pair: LifePair) -> Iterator[Hit]:
    """A sunset date cannot be read."""
    said = pair.new or pair.old
    unreadable = said and said.deprecated and said.sunset is not None and _date(said) is None
    if unreadable and said and pair.old != pair.new:
        yield _hit(pair, "x-sunset", f"has the sunset `{said.sunset}`, which is no date")


@check(
    "sunset-missing",
    Effect.NARROWS,
    LifePair,
    directions=REQUEST,
    why="The lifecycle asks for a date, and clients cannot plan without one.",
    fix="Announce an x-sunset date.",
)
def sunset_missing(pair: LifePair) -> Iterator[Hit]:
    """Something is now deprecated without the sunset date that its lifecycle asks for."""
    if _fresh(pair) and pair.new and pair.new.sunset is None:
        days = pair.lifecycle.days(pair.new.stability)
        if days > 0:
            text = f"is now deprecated without a date; {days} days of notice are asked for"
            yield _hit(pair, "deprecated", text)


@check(
    "sunset-too-near",
    Effect.NARROWS,
    LifePair,
    directions=REQUEST,
    why="Clients get less notice than the lifecycle promises.",
    fix="Announce a later date.",
)
def sunset_too_near(pair: LifePair) -> Iterator[Hit]:
    """Something is now deprecated with a sunset date that is nearer than its lifecycle allows."""
    day = _date(pair.new)
    if _fresh(pair) and pair.new and day:
        days = pair.lifecycle.days(pair.new.stability)
        if (day - pair.on).days < days:
            wanted = f"{days} days of notice are asked for" if days else "it has passed"
            yield _hit(pair, "x-sunset", f"has its sunset on {day.isoformat()}; {wanted}")


@check(
    "sunset-deleted",
    Effect.NARROWS,
    LifePair,
    directions=REQUEST,
    why="Clients were promised that it works until the date, and are promised nothing now.",
    fix="Keep the date that was announced.",
)
def sunset_deleted(pair: LifePair) -> Iterator[Hit]:
    """Something that stays deprecated has lost its sunset date."""
    day = _date(pair.old)
    if day and pair.new and pair.new.deprecated and pair.new.sunset is None:
        yield _hit(pair, "x-sunset", f"lost its sunset date, which was {day.isoformat()}")


@check(
    "sunset-brought-forward",
    Effect.NARROWS,
    LifePair,
    directions=REQUEST,
    why="Clients planned with the later date.",
    fix="Keep the date that was announced, or a later one.",
)
def sunset_brought_forward(pair: LifePair) -> Iterator[Hit]:
    """The announced sunset date is now an earlier one."""
    before, after = _date(pair.old), _date(pair.new)
    if before and after and after < before:
        text = f"moved its sunset forward from {before.isoformat()} to {after.isoformat()}"
        yield _hit(pair, "x-sunset", text)


@check(
    "sunset-postponed",
    Effect.WIDENS,
    LifePair,
    directions=REQUEST,
    why="Clients have more time.",
)
def sunset_postponed(pair: LifePair) -> Iterator[Hit]:
    """The announced sunset date is now a later one."""
    before, after = _date(pair.old), _date(pair.new)
    if before and after and after > before:
        text = f"moved its sunset from {before.isoformat()} to {after.isoformat()}"
        yield _hit(pair, "x-sunset", text)


@check(
    "stability-decreased",
    Effect.NARROWS,
    LifePair,
    directions=REQUEST,
    why="Clients relied on the promise of the higher level.",
    fix="Keep the level, and introduce unstable parts as new ones.",
)
def stability_decreased(pair: LifePair) -> Iterator[Hit]:
    """A stability level is lower than before; no level counts as stable."""
    before, after = _rank(pair.old), _rank(pair.new)
    if before is not None and after is not None and after < before:
        text = f"went down from `{LEVELS[before]}` to `{LEVELS[after]}`"
        yield _hit(pair, "x-stability-level", text)


@check(
    "stability-increased",
    Effect.NONE,
    LifePair,
    directions=REQUEST,
    why="Clients may rely on more.",
)
def stability_increased(pair: LifePair) -> Iterator[Hit]:
    """A stability level is higher than before."""
    before, after = _rank(pair.old), _rank(pair.new)
    if before is not None and after is not None and after > before:
        text = f"went up from `{LEVELS[before]}` to `{LEVELS[after]}`"
        yield _hit(pair, "x-stability-level", text)


@check(
    "stability-unknown",
    Effect.UNKNOWN,
    LifePair,
    directions=REQUEST,
    why="What clients may rely on cannot be told.",
    fix="Use draft, alpha, beta or stable.",
)
def stability_unknown(pair: LifePair) -> Iterator[Hit]:
    """A stability level is none of draft, alpha, beta and stable."""
    if pair.new and _rank(pair.new) is None and (pair.old is None or pair.old != pair.new):
        text = f"has the stability level `{pair.new.stability}`, which nobody knows"
        yield _hit(pair, "x-stability-level", text)


def _fresh(pair: LifePair) -> bool:
    was = pair.old is not None and pair.old.deprecated
    return bool(pair.new and pair.new.deprecated and not was and pair.old)


def _rank(life: Life | None) -> int | None:
    if life is None:
        return None
    level = "stable" if life.stability is None else life.stability
    return LEVELS.index(level) if isinstance(level, str) and level in LEVELS else None


def _date(life: Life | None) -> date | None:
    if life is None or not isinstance(life.sunset, str):
        return None
    try:
        return date.fromisoformat(life.sunset[:10])
    except ValueError:
        return None


def _hit(pair: LifePair, keyword: str, text: str) -> Hit:
    places = jp.join(pair.site.old, keyword), jp.join(pair.site.new, keyword)
    return Hit(f"{pair.subject} {text}", *places)


CHECKS = (
    sunset_unreadable,
    sunset_missing,
    sunset_too_near,
    sunset_deleted,
    sunset_brought_forward,
    sunset_postponed,
    stability_decreased,
    stability_increased,
    stability_unknown,
)
