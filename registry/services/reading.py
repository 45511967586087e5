"""Parsed contracts by digest: the same text is read once a process."""

from functools import lru_cache

from contracts.formats import read
from contracts.model import Contract
from registry.db.models import Content, VersionRow
from registry.services.work import Work


@lru_cache(maxsize=64)
def _parsed(digest: str, text: bytes, source: str) -> Contract:
    del digest  # makes the key readable in a debugger; the text decides
    return read(text, source=source)


def contract_of(work: Work, version: VersionRow) -> Contract:
    """Return the model of a published version."""
    content = work.get(Content, version.digest, "content")
    return _parsed(content.digest, content.text, content.source)
