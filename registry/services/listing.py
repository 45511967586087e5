"""Pages of rows by a cursor: the key of the last row, so it stays good under inserts."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the next ones."""

    items: list[Row]
    next: str | None


def page(
    session: Session,
    query: Select[Any],
    key: InstrumentedAttribute[Any],
    *,
    limit: int,
    cursor: str | int | None,
    descending: bool = False,
) -> Page[Any]:
    """Return the rows after the cursor, ordered by `key`, which must be unique in the query."""
    if cursor is not None:
        query = query.where(key < cursor if descending else key > cursor)
    ordered = query.order_by(key.desc() if descending else key.asc())
    rows: list[Any] = list(session.scalars(ordered.limit(limit + 1)))
    following = str(getattr(rows[limit - 1], key.key)) if len(rows) > limit else None
    return Page(rows[:limit], following)
