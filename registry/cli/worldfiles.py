"""The files of a folder for `treaty compile` and its drafts: bounded, by relative path."""

from pathlib import Path

from contracts import catalog
from contracts.errors import TreatyError
from policies.folder.reading import SUFFIXES

_MAX_FILES = 5_000
_MAX_BYTES = 256 * 1024 * 1024


def read(folder: Path) -> dict[str, bytes]:
    """Return the files by path below the folder. Raises `TreatyError` for too many or too much."""
    root, found, size = folder.resolve(), dict[str, bytes](), 0
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.suffix not in SUFFIXES or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root):
            continue  # a link that leaves the folder is not part of it
        text = path.read_bytes()
        size += len(text)
        if len(found) >= _MAX_FILES or size > _MAX_BYTES:
            sentence = f"{folder} holds more than {_MAX_FILES} files or {_MAX_BYTES} bytes."
            raise TreatyError(catalog.TOO_LARGE, sentence)
        found[inside.as_posix()] = text
    return found
