"""YAML 1.2 and JSON texts to `Document`: bounded, with the place of every node.

The one way to read such a text; called by `contracts.formats.read` and by every loader of
documents above. libyaml delivers events, everything else is decided here.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml import events as ev

from contracts import catalog
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats.compose import Composer
from contracts.formats.jsontext import JsonScanner
from contracts.formats.limits import DEFAULT, Limits
from contracts.formats.places import Source
from contracts.formats.tree import Tree
from contracts.formats.yamlerrors import sentence_for
from contracts.problem import Detail

try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # PyYAML without libyaml: the same events, about fifteen times slower
    from yaml import SafeLoader as _Parser  # type: ignore[assignment]  # the same two methods

# A key or an end right after the bracket: JSON; YAML flow style starts with a bare word.
_JSON = re.compile(r'[ \t\r\n]*(?:\{[ \t\r\n]*["}]|\[[ \t\r\n]*["{\[\]])')
# What YAML 1.2.2 (5.1) calls not printable; NUL would end libyaml's reading without a word.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# libyaml compares each %TAG with all before it; hostile thousands of them would take hours.
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_MAX_DIRECTIVES = 16


def parse(text: bytes, *, source: str, limits: Limits = DEFAULT) -> Document:
    """Return the one document in `text`, YAML 1.2 (core schema) or JSON, in UTF-8.

    Raises `TreatyError` (document-not-readable, document-too-large, document-too-deep,
    alias-bomb, duplicate-key) with file, line and column.
    """
    decoded = _decode(text, source, limits)
    if source.lower().endswith(".json") or _JSON.match(decoded.text):
        tree = Tree(decoded, limits)
        JsonScanner(tree).scan()
        return tree.document(text)
    # Read to the end: a second document or broken syntax behind the first must not pass.
    documents = list(_compose(decoded, text, limits, single=True))
    return documents[0] if documents else Tree(decoded, limits).document(text)


def parse_all(text: bytes, *, source: str, limits: Limits = DEFAULT) -> tuple[Document, ...]:
    """Return every document of a YAML stream (`---` between them), positions in the whole text.

    Raises as `parse`.
    """
    return tuple(_compose(_decode(text, source, limits), text, limits, single=False))


def _decode(text: bytes, source: str, limits: Limits) -> Source:
    if len(text) > limits.max_bytes:
        sentence = f"The text has {len(text)} bytes; at most {limits.max_bytes} are read."
        raise TreatyError(
            catalog.TOO_LARGE, f"{source}: {sentence}", errors=(Detail(sentence, file=source),)
        )
    content = text.removeprefix(codecs.BOM_UTF8)
    try:
        return Source(source, content.decode())
    except UnicodeDecodeError as error:
        before = Source(source, content[: error.start].decode())
        sentence = f"Byte {error.start + 1} is not UTF-8; save the text as UTF-8."
        if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            sentence = "The text is UTF-16; save it as UTF-8."
        raise before.refusal(catalog.NOT_READABLE, sentence, len(before.text)) from None


def _compose(source: Source, raw: bytes, limits: Limits, *, single: bool) -> Iterator[Document]:
    _refuse_unreadable(source)
    count = 0
    composer = Composer(Tree(source, limits))
    for event in _events(source):
        mark = event.start_mark
        if isinstance(event, ev.DocumentStartEvent):
            count += 1
            if count > (1 if single else limits.max_documents):
                raise source.refusal(catalog.NOT_READABLE, _too_many(single), mark.index)
            nodes = composer.tree.nodes
            composer = Composer(Tree(source, limits))
            composer.tree.nodes = nodes  # the bound is on the text, not on each document
        elif isinstance(event, ev.DocumentEndEvent):
            yield composer.tree.document(raw)
        elif isinstance(event, ev.NodeEvent | ev.CollectionEndEvent):
            composer.add(event)


def _too_many(single: bool) -> str:
    if single:
        return "A second document starts here ('---'); one text holds one document."
    return "The text holds too many documents."


def _refuse_unreadable(source: Source) -> None:
    if match := _UNPRINTABLE.search(source.text):
        sentence = f"The character U+{ord(match[0]):04X} is not allowed in YAML."
        raise source.refusal(catalog.NOT_READABLE, sentence, match.start())
    for count, match in enumerate(_DIRECTIVE.finditer(source.text), start=1):
        if count > _MAX_DIRECTIVES:
            sentence = f"More than {_MAX_DIRECTIVES} lines are YAML directives (%)."
            raise source.refusal(catalog.NOT_READABLE, sentence, match.start())


def _events(source: Source) -> Iterator[Any]:
    parser = _Parser(source.text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = min(mark.index, len(source.text)) if mark else 0
        raise source.refusal(catalog.NOT_READABLE, sentence_for(error, source), offset) from None
    except yaml.YAMLError:
        raise source.refusal(catalog.NOT_READABLE, "The text is not YAML.", 0) from None
    finally:
        parser.dispose()
