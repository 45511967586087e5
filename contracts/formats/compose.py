"""YAML events into the tree: scalars resolved, keys made text, aliases and merges bounded."""

from dataclasses import dataclass
from typing import Any

from yaml import events as ev

from contracts import catalog
from contracts.document import Json, Number
from contracts.formats.scalars import ScalarError, plain
from contracts.formats.tree import Part, Tree

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS = {_CORE + name for name in ("str", "int", "float", "bool", "null")}
_MERGE_TAG = _CORE + "merge"


@dataclass(slots=True)
class _Open:
    """An anchor whose value is not finished."""


class Composer:
    """Feeds one document's events into its tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.anchors: dict[str, Part | _Open] = {}
        self.expansion = 0
        # Specifications repeat a few scalars thousands of times; numbers are immutable.
        self.memo: dict[str, Json] = {}

    def add(self, event: Any) -> None:
        """Take the next event. Raises `TreatyError`."""
        kind = type(event)
        if kind is ev.ScalarEvent:
            self._scalar(event)
        elif kind is ev.MappingStartEvent or kind is ev.SequenceStartEvent:
            self._open(event, mapping=kind is ev.MappingStartEvent)
        elif kind is ev.AliasEvent:
            self._alias(event)
        else:
            frame = self.tree.close()
            if frame.anchor is not None:
                self.anchors[frame.anchor] = frame.part

    def _wants_key(self) -> bool:
        if not self.tree.frames:
            return False
        frame = self.tree.frames[-1]
        return frame.key is None and not frame.merging and isinstance(frame.part.value, dict)

    def _open(self, event: Any, *, mapping: bool) -> None:
        offset = event.start_mark.index
        if self._wants_key():
            raise self._refuse("A key must be a scalar, not a list or a mapping.", offset)
        if event.tag not in (None, "!", _CORE + ("map" if mapping else "seq")):
            raise self._refuse(_foreign(event.tag), offset)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Open()
        self.tree.open({} if mapping else [], offset, event.anchor)

    def _scalar(self, event: Any) -> None:
        offset = event.start_mark.index
        if self._wants_key():
            self._key(event, offset)
            return
        value = self._value(event, offset)
        self.tree.scalar(value, offset)
        if event.anchor is not None:
            self.anchors[event.anchor] = Part(value, None)

    def _value(self, event: Any, offset: int) -> Json:
        text: str = event.value
        if _is_plain(event):
            if text in self.memo:
                return self.memo[text]
            value = self._plain(text, offset)
            self.memo[text] = value
            return value
        if event.tag in (None, "!") or event.tag == _CORE + "str":
            return text
        if event.tag not in _SCALAR_TAGS:
            raise self._refuse(_foreign(event.tag), offset)
        return self._tagged(event.tag.removeprefix(_CORE), text, offset)

    def _plain(self, text: str, offset: int) -> Json:
        try:
            return plain(text, self.tree.limits.max_digits)
        except ScalarError as error:
            raise self._refuse(str(error), offset) from None

    def _tagged(self, name: str, text: str, offset: int) -> Json:
        value = self._plain(text, offset)
        if name == "float" and type(value) is int:
            value = self._plain(text + ".0", offset)
        kind = {"int": int, "float": Number, "bool": bool, "null": type(None)}[name]
        if type(value) is kind:
            return value
        raise self._refuse(f"The value is tagged !!{name} but is not one.", offset)

    def _key(self, event: Any, offset: int) -> None:
        frame = self.tree.frames[-1]
        text: str = event.value
        plain_key = _is_plain(event)
        if (plain_key and text == "<<") or event.tag == _MERGE_TAG:
            frame.merging = True
            return
        if event.tag is not None and event.tag != "!" and event.tag not in _SCALAR_TAGS:
            raise self._refuse(_foreign(event.tag), offset)
        if plain_key and self._plain_key_is_null(text):
            raise self._refuse("A key is missing or null; quote it if it is a name.", offset)
        if event.anchor is not None:
            self.anchors[event.anchor] = Part(text, None)
        # A status code is written 200: and means "200"; JSON knows no other keys than text.
        self.tree.key(text, offset)

    @staticmethod
    def _plain_key_is_null(text: str) -> bool:
        return text in ("", "~", "null", "Null", "NULL")

    def _alias(self, event: Any) -> None:
        offset = event.start_mark.index
        name = event.anchor[:80]
        part = self.anchors.get(event.anchor)
        if part is None:
            raise self._refuse(f"The alias *{name} has no anchor before it.", offset)
        if isinstance(part, _Open):
            raise self._refuse(f"The alias *{name} stands inside its own anchor.", offset)
        if self._wants_key():
            if not isinstance(part.value, str):
                raise self._refuse("A key must be a text; the alias is none.", offset)
            self.tree.key(part.value, offset)
            return
        self._bound(part, offset)
        self.tree.put(part, offset)

    def _bound(self, part: Part, offset: int) -> None:
        limits = self.tree.limits
        self.expansion += part.size
        if self.expansion > limits.max_alias_expansion:
            sentence = f"Aliases expand to more than {limits.max_alias_expansion} values."
            raise self.tree.refusal(catalog.ALIAS_BOMB, sentence, offset)
        if len(self.tree.frames) + part.height > limits.max_depth:
            sentence = f"With this alias the text is nested deeper than {limits.max_depth} levels."
            raise self.tree.refusal(catalog.TOO_DEEP, sentence, offset)

    def _refuse(self, sentence: str, offset: int) -> Exception:
        return self.tree.refusal(catalog.NOT_READABLE, sentence, offset)


def _is_plain(event: Any) -> bool:
    # libyaml calls everything with the tag `!` plain as well; the tag asks for text.
    return event.tag is None and bool(event.implicit[0])


def _foreign(tag: str) -> str:
    shown = "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag
    return f"The tag {shown[:80]} is not supported; only JSON's types can be read."
