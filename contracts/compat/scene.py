"""What every part of the contract walk needs to know of the comparison as a whole."""

from dataclasses import dataclass
from datetime import date

from contracts.compat.lifecycle import Lifecycle
from contracts.formats.reader import Reader
from contracts.model import Contract
from contracts.refs import Resolver
from contracts.sameness import Sameness

_ANNOTATIONS = (
    b"x-sunset",
    b"x-stability-level",
    b"x-extensible-enum",
    b"contentEncoding",
    b"contentMediaType",
    b"contentSchema",
)


@dataclass(frozen=True)
class Scene:
    """Two contracts, `on` the day of the judgement; `annotated` where a text has extensions."""

    old: Contract
    new: Contract
    on: date
    lifecycle: Lifecycle
    readers: tuple[Reader, Reader]
    sameness: Sameness
    annotated: bool

    @classmethod
    def of(cls, old: Contract, new: Contract, on: date, lifecycle: Lifecycle) -> "Scene":
        readers = (Reader(old.document), Reader(new.document))
        sameness = Sameness(readers[0].resolver, readers[1].resolver)
        annotated = any(_annotated(side.document.text) for side in (old, new))
        return cls(old, new, on, lifecycle, readers, sameness, annotated)

    @property
    def resolvers(self) -> tuple[Resolver, Resolver]:
        return self.readers[0].resolver, self.readers[1].resolver


def _annotated(text: bytes) -> bool:
    # A document without its text was made by a program; nothing is known of it.
    return not text or any(word in text for word in _ANNOTATIONS)
