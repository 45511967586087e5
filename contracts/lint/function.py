"""What a rule's function is given and what it gives back; every function of every pack uses these.

The interface is Spectral's: a function judges one value and says what is wrong and where in it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from contracts.document import Document, Json

Path = tuple[str | int, ...]


class Missing:
    """The type of `MISSING`; false like JavaScript's undefined, equal only to itself."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "undefined"


# A `field` that does not exist: Spectral calls the function with undefined. Typed as Json so that
# functions take one type; those that care say `value is MISSING`.
MISSING: Final[Json] = cast("Json", Missing())


@dataclass(frozen=True, slots=True)
class Result:
    """What is wrong: `path` is relative to the value that was judged (empty: the value itself)."""

    message: str
    path: Path = ()


def _nothing() -> frozenset[str]:
    return frozenset()


def _same(path: Path) -> Path:
    return path


def _unresolved(_: str) -> Json:
    return MISSING


@dataclass(frozen=True, slots=True)
class Context:
    """Where a value stands. `root` is the tree the rule runs on: resolved, or as written.

    `path` is where the value is written; `property` its last step, or the missing field's name.
    `resolve` takes the text of a local `$ref` and returns its value in `root`, or `MISSING`.
    `references` returns the text of every `$ref` in the document as written, `source` where the
    value at a path of `root` is written. `memo` is kept for the run, by the function's own keys.
    """

    document: Document
    root: Json
    path: Path = ()
    property: str | int | None = None
    formats: frozenset[str] = frozenset()
    resolve: Callable[[str], Json] = _unresolved
    rule: str = ""
    references: Callable[[], frozenset[str]] = _nothing
    source: Callable[[Path], Path] = _same
    memo: dict[str, object] = field(default_factory=dict)


Function = Callable[[Json, Mapping[str, Json], Context], Iterable[Result]]
"""Returns what is wrong with a value under the rule's `functionOptions`; nothing when it is fine.

Raises `TreatyError` (invalid-ruleset) for options that make no sense, `UnsupportedError` for
options that Treaty cannot honour.
"""


class UnsupportedError(Exception):
    """A part of a ruleset that Treaty cannot carry out; it is listed, never skipped silently."""


def named(context: Context) -> str:
    """Return the start of a sentence about the value: `"name" property`, or `The document`."""
    return "The document" if context.property is None else f'"{context.property}" property'
