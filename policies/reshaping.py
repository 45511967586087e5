"""What a transform may make of a body: numbers that stay exact, and nothing classified out of place."""

from collections.abc import Iterable
from math import isfinite

from contracts.document import Json, Number

_EXACT = 2**53  # of a double, in which the engine counts (RFC 8259 section 6)
_DIGITS = 15


class ReshapeError(Exception):
    """The result must not leave; the text is half a sentence without values."""


def exact(value: Json) -> object:
    """Return plain data for the engine. Raises `ReshapeError` for a number that would change."""
    if isinstance(value, dict):
        return {name: exact(member) for name, member in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, Number):
        if sum(map(str.isdigit, value.text.lower().partition("e")[0])) > _DIGITS:
            raise ReshapeError("a number has more digits than the expression could keep")
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        raise ReshapeError("a number has more digits than the expression could keep")
    return value


class Watch:
    """Judges results: JSON, only declared names, no classified text under another name.

    `classified` are the names that are so wherever they stand. Masks go by the contract's names, so what is moved out of their sight must not leave. A text
    that an expression builds out of pieces cannot be told.
    """

    def __init__(
        self, declared: Iterable[str] | None = None, classified: Iterable[str] = ()
    ) -> None:
        self._declared = None if declared is None else frozenset(declared)
        self._classified = frozenset(classified)

    def checked(self, result: object, before: Json = None) -> Json:
        """Return the result. Raises `ReshapeError`."""
        if not isinstance(result, dict | list):
            raise ReshapeError("the result is neither an object nor an array")
        moved = frozenset[str]()
        if self._classified:
            hidden, shown = set[str](), set[str]()
            self._texts(before, hidden, shown, inside=False)
            moved = frozenset(hidden - shown)
        self._require(result, moved, inside=False)
        return result

    def _texts(self, value: Json, hidden: set[str], shown: set[str], *, inside: bool) -> None:
        if isinstance(value, str) and value:
            (hidden if inside else shown).add(value)
        elif isinstance(value, dict):
            for name, member in value.items():
                self._texts(member, hidden, shown, inside=inside or name in self._classified)
        elif isinstance(value, list):
            for item in value:
                self._texts(item, hidden, shown, inside=inside)

    def _require(self, value: object, moved: frozenset[str], *, inside: bool) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                if self._declared is not None and name not in self._declared:
                    raise ReshapeError("the result has a member that the contract does not declare")
                self._require(member, moved, inside=inside or name in self._classified)
        elif isinstance(value, list):
            for item in value:
                self._require(item, moved, inside=inside)
        elif isinstance(value, str):
            if not inside and value in moved:
                raise ReshapeError("the result shows a classified text under another name")
        elif isinstance(value, float):
            if not isfinite(value):
                raise ReshapeError("the result holds a number that JSON cannot")
        elif not (value is None or isinstance(value, bool | int)):
            raise ReshapeError("the result is not JSON")
