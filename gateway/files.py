"""Files that survive a crash whole, readable by the owner only."""

import os
from collections.abc import Callable
from pathlib import Path

_OWNER_ONLY = 0o600


def write_whole(path: Path, content: bytes) -> None:
    """Replace the file atomically: readers see the old or the new content, never a part."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of the file, which is made when it is missing."""
    if not path.exists():
        write_whole(path, make())
    return path.read_bytes()
