"""Writes the witnesses of a report into a folder; called by `treaty check --witness-dir`."""

from pathlib import Path

from contracts.render import replay
from contracts.report import Report
from registry.cli import writing

_MAX_BYTES = 1_000_000  # larger files are not ours and are left in peace


def store(folder: Path, report: Report) -> int:
    """Write one file a witness and the README; return how many witnesses there are.

    Files of an earlier run whose finding is gone are removed; nothing else is touched. Raises
    `OSError`.
    """
    made = replay.files(report)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.name not in made and _is_ours(path):
            path.unlink()
    for name, content in made.items():
        writing.write(folder / name, content)
    return len(made) - 1


def _is_ours(path: Path) -> bool:
    small = path.is_file() and path.stat().st_size <= _MAX_BYTES
    return small and replay.is_ours(path.name, path.read_bytes())
