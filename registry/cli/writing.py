"""Files that commands write for others to read: complete or not at all."""

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a reader sees the old content or the new; make its folder.

    Raises `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        # A device or a pipe (/dev/stdout) cannot be replaced; it is written to.
        path.write_bytes(content)
        return
    fresh = path.with_name(f".{path.name[:100]}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
