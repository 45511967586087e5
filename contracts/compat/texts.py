"""Turns texts into contracts and remembers the last ones, so that a history is parsed once.

Called by `contracts.compat.judge`; one instance per process or per run, never shared by threads.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from contracts import catalog, formats
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats.yaml import parse
from contracts.model import Contract, Format
from contracts.problem import Detail

T = TypeVar("T")

MAX_ENTRIES = 128
MAX_BYTES = 32 * 1024 * 1024  # of texts; a parsed document takes about ten times as much


class Texts:
    """Reads texts; equal bytes under the same name are read once while they are remembered."""

    def __init__(self, entries: int = MAX_ENTRIES, octets: int = MAX_BYTES) -> None:
        self.entries = entries
        self.octets = octets
        self.held = 0
        self._kept: OrderedDict[tuple[str, ...], tuple[int, Document | Contract]] = OrderedDict()

    def document(self, text: bytes, source: str) -> Document:
        """Return the parsed text. Raises `TreatyError` as `formats.yaml.parse`."""
        key = ("document", _digest(text), source)
        return self._recall(key, len(text), lambda: parse(text, source=source))

    def contract(self, text: bytes, source: str, wanted: Format | None = None) -> Contract:
        """Return the contract. Raises `TreatyError` as `document`, and unknown-format."""
        key = ("contract", _digest(text), source, wanted.value if wanted else "")
        # The document is not kept beside the contract, which holds it.
        return self._recall(key, len(text), lambda: _read(text, source, wanted))

    def _recall(self, key: tuple[str, ...], size: int, make: Callable[[], T]) -> T:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]  # type: ignore[return-value]  # the key names the kind
        made = make()
        self._kept[key] = (size, made)  # type: ignore[assignment]  # as above
        self.held += size
        while len(self._kept) > self.entries or (self.held > self.octets and len(self._kept) > 1):
            _, (freed, _) = self._kept.popitem(last=False)
            self.held -= freed
        return made


def _read(text: bytes, source: str, wanted: Format | None) -> Contract:
    contract = formats.read(text, source=source, expected=wanted)
    if wanted is None or contract.format is wanted:
        return contract
    place = contract.document.place("")
    sentence = f"This is {contract.format.value}, but {wanted.value} was announced."
    detail = Detail(sentence, "", place.file, place.line, place.column)
    raise TreatyError(catalog.UNKNOWN_FORMAT, f"{place.file}: {sentence}", errors=(detail,))


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
