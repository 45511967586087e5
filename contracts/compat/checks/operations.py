"""Checks on operations: existence, names, deprecation, and whether their end was announced."""

from collections.abc import Iterator
from datetime import date

from contracts import pointer as jp
from contracts.compat.check import REQUEST, Hit, check
from contracts.compat.pairs import OperationPair
from contracts.model import Operation
from contracts.report import Effect


@check(
    "operation-added",
    Effect.WIDENS,
    OperationPair,
    directions=REQUEST,
    why="Nobody depends on it yet.",
)
def operation_added(pair: OperationPair) -> Iterator[Hit]:
    """An operation is new."""
    if pair.old is None:
        yield Hit("the operation is new")


@check(
    "operation-removed",
    Effect.NARROWS,
    OperationPair,
    directions=REQUEST,
    why="Every call to it now fails.",
    fix="Keep it, mark it deprecated with an x-sunset date, and remove it after that date.",
)
def operation_removed(pair: OperationPair) -> Iterator[Hit]:
    """An operation that was not deprecated is gone."""
    if pair.new is None and pair.old and not pair.old.deprecated:
        yield Hit("the operation is gone; it was never deprecated")


@check(
    "operation-removed-before-sunset",
    Effect.NARROWS,
    OperationPair,
    directions=REQUEST,
    why="Clients planned to leave by the announced date, and it has not come.",
    fix="Keep it until the announced date.",
)
def operation_removed_before_sunset(pair: OperationPair) -> Iterator[Hit]:
    """A deprecated operation is gone before its sunset date."""
    sunset = _removed_sunset(pair)
    if sunset and pair.on < sunset:
        yield Hit(f"the operation is gone before its sunset on {sunset.isoformat()}")


@check(
    "operation-removed-after-sunset",
    Effect.NARROWS,
    OperationPair,
    directions=REQUEST,
    why="The contract announced the date, and it has passed.",
)
def operation_removed_after_sunset(pair: OperationPair) -> Iterator[Hit]:
    """A deprecated operation is gone, on or after its sunset date."""
    sunset = _removed_sunset(pair)
    if sunset and pair.on >= sunset:
        yield Hit(f"the operation is gone, as announced for {sunset.isoformat()}")


@check(
    "operation-removed-after-deprecation",
    Effect.NARROWS,
    OperationPair,
    directions=REQUEST,
    why="Clients were told to leave, but not by when.",
    fix="Announce an x-sunset date first, and remove the operation after it.",
)
def operation_removed_after_deprecation(pair: OperationPair) -> Iterator[Hit]:
    """A deprecated operation without a sunset date is gone."""
    if pair.new is None and pair.old and pair.old.deprecated and _sunset(pair.old) is None:
        yield Hit("the operation is gone; it was deprecated without a sunset date")


@check(
    "operation-id-changed",
    Effect.NONE,
    OperationPair,
    directions=REQUEST,
    why="The wire is the same, but generated clients and tools name their functions after it.",
)
def operation_id_changed(pair: OperationPair) -> Iterator[Hit]:
    """The operationId of an operation is another one."""
    if pair.old and pair.new and pair.old.operation_id != pair.new.operation_id:
        before, after = pair.old.operation_id or "none", pair.new.operation_id or "none"
        yield _hit(pair, "operationId", f"the operationId changed from `{before}` to `{after}`")


@check(
    "operation-deprecated",
    Effect.NONE,
    OperationPair,
    directions=REQUEST,
    why="Clients should plan to leave.",
)
def operation_deprecated(pair: OperationPair) -> Iterator[Hit]:
    """An operation is now deprecated, with a sunset date."""
    if _newly_deprecated(pair) and pair.new and (sunset := _sunset(pair.new)):
        text = f"the operation is now deprecated, with its sunset on {sunset.isoformat()}"
        yield _hit(pair, "deprecated", text)


@check(
    "operation-deprecated-without-sunset",
    Effect.NONE,
    OperationPair,
    directions=REQUEST,
    why="Clients cannot plan without a date.",
)
def operation_deprecated_without_sunset(pair: OperationPair) -> Iterator[Hit]:
    """An operation is now deprecated, and no sunset date says until when it works."""
    if _newly_deprecated(pair) and pair.new and pair.new.sunset is None:
        text = "the operation is now deprecated; no x-sunset date says until when it works"
        yield _hit(pair, "deprecated", text)


@check(
    "operation-reactivated",
    Effect.NONE,
    OperationPair,
    directions=REQUEST,
    why="Clients may stay after all.",
)
def operation_reactivated(pair: OperationPair) -> Iterator[Hit]:
    """An operation is no longer deprecated."""
    if pair.old and pair.new and pair.old.deprecated and not pair.new.deprecated:
        yield _hit(pair, "deprecated", "the operation is no longer deprecated")


@check(
    "operation-tag-added",
    Effect.NONE,
    OperationPair,
    directions=REQUEST,
    why="The wire is the same; documentation and generated clients group by it.",
)
def operation_tag_added(pair: OperationPair) -> Iterator[Hit]:
    """An operation has a further tag."""
    if pair.old and pair.new:
        for tag in sorted(set(pair.new.tags) - set(pair.old.tags)):
            yield _hit(pair, "tags", f"the tag `{tag}` is new")


@check(
    "operation-tag-removed",
    Effect.NONE,
    OperationPair,
    directions=REQUEST,
    why="The wire is the same; documentation and generated clients group by it.",
)
def operation_tag_removed(pair: OperationPair) -> Iterator[Hit]:
    """An operation has lost a tag."""
    if pair.old and pair.new:
        for tag in sorted(set(pair.old.tags) - set(pair.new.tags)):
            yield _hit(pair, "tags", f"the tag `{tag}` is gone")


def _sunset(operation: Operation) -> date | None:
    try:
        return date.fromisoformat((operation.sunset or "")[:10])
    except ValueError:
        return None


def _removed_sunset(pair: OperationPair) -> date | None:
    if pair.new is None and pair.old and pair.old.deprecated:
        return _sunset(pair.old)
    return None


def _newly_deprecated(pair: OperationPair) -> bool:
    return bool(pair.new and pair.new.deprecated and not (pair.old and pair.old.deprecated))


def _hit(pair: OperationPair, keyword: str, text: str) -> Hit:
    return Hit(text, jp.join(pair.site.old, keyword), jp.join(pair.site.new, keyword))


CHECKS = (
    operation_added,
    operation_removed,
    operation_removed_before_sunset,
    operation_removed_after_sunset,
    operation_removed_after_deprecation,
    operation_id_changed,
    operation_deprecated,
    operation_deprecated_without_sunset,
    operation_reactivated,
    operation_tag_added,
    operation_tag_removed,
)
