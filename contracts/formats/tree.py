"""Grows one document from openings, keys, scalars and closings, within the limits.

Both scanners (`jsontext`, `yaml`) build through here, so depth, size and duplicate keys are
judged in one place.
"""

from dataclasses import dataclass, field
from typing import Any

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.formats.limits import Limits
from contracts.formats.places import Children, Entry, Positions, Source
from contracts.problem import ProblemType

_SHOWN = 80


@dataclass(slots=True)
class Part:
    """A finished value: what it is, where it is, how much it holds when written out."""

    value: Any  # Json; which kind it is decides which kind `children` is
    children: Any  # Children, or None for a scalar
    size: int = 1
    height: int = 0


@dataclass(slots=True)
class Frame:
    """A container that is still open."""

    part: Part
    offset: int
    anchor: str | None = None
    key: str | None = None
    key_offset: int = 0
    merging: bool = False
    merges: list[Part] = field(default_factory=list)


class Tree:
    """The document as far as it has been read."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.frames: list[Frame] = []
        self.root: Part | None = None
        self.root_offset = 0
        self.nodes = 0
        self.refs = 0

    def refusal(self, problem_type: ProblemType, sentence: str, offset: int) -> TreatyError:
        """Return the error for a place in this text, with the pointer of what is being read."""
        return self.source.refusal(problem_type, sentence, offset, self.pointer())

    def pointer(self) -> str:
        """Return the pointer of the value that would be added next."""
        tokens: list[str | int] = []
        for frame in self.frames:
            value = frame.part.value
            if isinstance(value, list):
                tokens.append(len(value))
            elif frame.key is not None:
                tokens.append(frame.key)
        return jp.join("", *tokens)

    def open(self, value: dict[str, Json] | list[Json], offset: int, anchor: str | None) -> None:
        """Start a mapping or a sequence."""
        if len(self.frames) >= self.limits.max_depth:
            sentence = f"The text is nested deeper than {self.limits.max_depth} levels."
            raise self.refusal(catalog.TOO_DEEP, sentence, offset)
        self._count(offset)
        children: Children = {} if isinstance(value, dict) else []
        self.frames.append(Frame(Part(value, children), offset, anchor))

    def close(self) -> Frame:
        """End the innermost container, put it where it belongs and return it."""
        frame = self.frames.pop()
        for merged in frame.merges:
            _merge(frame.part, merged)
        self.put(frame.part, frame.offset)
        return frame

    def key(self, key: str, offset: int) -> None:
        """Name the next value of the innermost mapping; the same name twice is refused."""
        frame = self.frames[-1]
        children = frame.part.children
        if isinstance(children, dict) and key in children:
            first = children[key]
            line = self.source.position(first if isinstance(first, int) else first[0]).line
            again = self.source.position(offset).line
            shown = key if len(key) <= _SHOWN else key[:_SHOWN] + "…"
            frame.key = key
            sentence = f"The key '{shown}' is written twice: in line {line} and in line {again}."
            raise self.refusal(catalog.DUPLICATE_KEY, sentence, offset)
        frame.key, frame.key_offset = key, offset
        if key == "$ref":
            self.refs += 1
            if self.refs > self.limits.max_refs:
                sentence = f"The text holds more than {self.limits.max_refs} references."
                raise self.refusal(catalog.TOO_LARGE, sentence, offset)

    def scalar(self, value: Json, offset: int) -> None:
        """Add a value that holds nothing."""
        self._count(offset)
        self.put(Part(value, None), offset)

    def put(self, part: Part, offset: int) -> None:
        """Add a finished value to the innermost container, or as the root."""
        if not self.frames:
            self.root, self.root_offset = part, offset
            return
        frame = self.frames[-1]
        own = frame.part
        own.size += part.size
        own.height = max(own.height, part.height + 1)
        if isinstance(own.value, list):
            own.value.append(part.value)
            own.children.append(_entry(part, offset))
        elif frame.merging:
            frame.merging, frame.key = False, None
            frame.merges.extend(self._mergeable(part, offset))
        elif frame.key is not None:
            own.value[frame.key] = part.value
            own.children[frame.key] = _entry(part, frame.key_offset)
            frame.key = None

    def document(self, raw: bytes) -> Document:
        """Return what was read; an empty text is null."""
        root = self.root or Part(None, None)
        positions = Positions(self.source, _entry(root, self.root_offset))
        return Document(self.source.name, root.value, positions, raw)

    def _count(self, offset: int) -> None:
        self.nodes += 1
        if self.nodes > self.limits.max_nodes:
            sentence = f"The text holds more than {self.limits.max_nodes} values."
            raise self.refusal(catalog.TOO_LARGE, sentence, offset)

    def _mergeable(self, part: Part, offset: int) -> list[Part]:
        """Return the mappings behind a merge key: one, or a sequence of them."""
        values = part.value if isinstance(part.value, list) else [part.value]
        children = part.children if isinstance(part.children, list) else [(0, part.children)]
        found = []
        for value, child in zip(values, children, strict=True):
            if not isinstance(value, dict) or isinstance(child, int):
                sentence = "The merge key '<<' takes a mapping or a list of mappings."
                raise self.refusal(catalog.NOT_READABLE, sentence, offset)
            found.append(Part(value, child[1]))
        return found


def _entry(part: Part, offset: int) -> Entry:
    return offset if part.children is None else (offset, part.children)


def _merge(target: Part, source: Part) -> None:
    # Keys written out win over merged ones, earlier merges over later ones (YAML merge type).
    if isinstance(source.value, dict) and isinstance(source.children, dict):
        for key, value in source.value.items():
            if key not in target.value:
                target.value[key] = value
                target.children[key] = source.children[key]
