"""Where things are written: offsets kept while parsing, lines and columns worked out when asked.

Filled by `tree`; read through `Document.positions`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from contracts import pointer as jp
from contracts.document import Position
from contracts.errors import TreatyError
from contracts.problem import Detail, ProblemType

# A scalar is its offset; a container also has the entries of its members or items.
Children = dict[str, "Entry"] | list["Entry"]
Entry = int | tuple[int, Children]

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Source:
    """A decoded text that knows its lines and can refuse itself at an offset."""

    __slots__ = ("_starts", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._starts: list[int] | None = None

    def position(self, offset: int) -> Position:
        """Return line and column of a character offset, both from 1."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def refusal(
        self, problem_type: ProblemType, sentence: str, offset: int, pointer: str = ""
    ) -> TreatyError:
        """Return the error that says `sentence` about the place at `offset`."""
        at = self.position(offset)
        detail = Detail(sentence, pointer, self.name, at.line, at.column)
        where = f"{self.name}:{at.line}:{at.column}"
        return TreatyError(problem_type, f"{where}: {sentence}", errors=(detail,))


class Positions(Mapping[str, Position]):
    """JSON Pointer to position, looked up in the tree of entries rather than stored."""

    __slots__ = ("_root", "_source")

    def __init__(self, source: Source, root: Entry) -> None:
        self._source = source
        self._root = root

    def __getitem__(self, pointer: str) -> Position:
        if pointer and not pointer.startswith("/"):
            raise KeyError(pointer)
        entry = self._root
        for token in jp.split(pointer):
            entry = _step(entry, token, pointer)
        return self._source.position(entry if isinstance(entry, int) else entry[0])

    def __iter__(self) -> Iterator[str]:
        stack: list[tuple[str, Entry]] = [("", self._root)]
        while stack:
            pointer, entry = stack.pop()
            yield pointer
            if not isinstance(entry, int):
                children = entry[1]
                pairs = children.items() if isinstance(children, dict) else enumerate(children)
                stack.extend([(jp.join(pointer, key), child) for key, child in pairs][::-1])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _step(entry: Entry, token: str, pointer: str) -> Entry:
    if isinstance(entry, int):
        raise KeyError(pointer)
    children = entry[1]
    if isinstance(children, dict):
        if token in children:
            return children[token]
    elif token.isascii() and token.isdigit() and len(token) < 10:  # noqa: PLR2004  # no list is longer
        index = int(token)
        if index < len(children) and str(index) == token:
            return children[index]
    raise KeyError(pointer)
