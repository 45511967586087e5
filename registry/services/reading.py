"""Parsed contracts by digest: a text is read once a process while it is remembered."""

from collections import OrderedDict
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from contracts.formats import read
from contracts.model import Contract
from registry.db.models import Content, VersionRow
from registry.services.work import Work

MAX_ENTRIES = 256
MAX_BYTES = 32 * 1024 * 1024  # of texts; a parsed contract takes about ten times as much


class Memory:
    """The contracts used last, of one database; safe to share between threads."""

    def __init__(self, entries: int = MAX_ENTRIES, octets: int = MAX_BYTES) -> None:
        self._entries, self._octets = entries, octets
        self._held = 0
        self._kept: OrderedDict[str, tuple[int, Contract]] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str) -> Contract | None:
        """Return the contract, if it is remembered."""
        with self._lock:
            if digest not in self._kept:
                return None
            self._kept.move_to_end(digest)
            return self._kept[digest][1]

    def put(self, digest: str, size: int, contract: Contract) -> None:
        """Remember a contract of a text of `size` bytes; forget the ones that were not used."""
        with self._lock:
            self._held -= self._kept.pop(digest, (0, contract))[0]
            self._kept[digest] = (size, contract)
            self._held += size
            while len(self._kept) > self._entries or (
                self._held > self._octets and len(self._kept) > 1
            ):
                _, (freed, _) = self._kept.popitem(last=False)
                self._held -= freed


# Two databases may hold one contract in two layouts: their line numbers must not mix.
_MEMORIES: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


def contract_of(work: Work, version: VersionRow) -> Contract:
    """Return the model of a published version."""
    memory = _MEMORIES.setdefault(work.session.get_bind().engine, Memory())
    known = memory.get(version.digest)
    if known is not None:
        return known
    content = work.get(Content, version.digest, "content")
    contract = read(content.text, source=content.source)
    memory.put(version.digest, len(content.text), contract)
    return contract
