"""The entries of a gateway's ledger.jsonl, one line at a time."""

import json
from collections.abc import Iterator
from pathlib import Path

_MAX_LINE_BYTES = 1_048_576


def entries(path: Path) -> Iterator[object]:
    """Yield a line at a time; what is no JSON, or endless, is None."""
    with path.open("rb") as file:
        while line := file.readline(_MAX_LINE_BYTES):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield None
