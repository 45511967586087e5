"""The folder of an exchange: files as they lie there, and where they go. Local, or behind fsspec.

Inside the folder: `archive/` what was taken, `quarantine/` what was refused, `answers/` for the
sender: an acknowledgement per file, and the rejected rows.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import fsspec  # type: ignore[import-untyped]  # it ships no types

from orchestration.exchange.judging import Reject
from orchestration.exchange.rows import Readable

CONTROL = ".control.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ +-]{0,149}")
_UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", CONTROL)
_MAX_CONTROL = 100_000
_MOST = 1_000


class Lying(NamedTuple):
    """A file in the folder. `mark` changes when it does."""

    name: str
    size: int
    mark: str


class Folder:
    """One folder. Whatever its driver raises for trouble is an `OSError`."""

    def __init__(self, url: str) -> None:
        # A driver that is missing, or a URL that none takes, is for the operator to see at the start.
        self._fs, root = fsspec.url_to_fs(url, use_listings_cache=False)
        self._root = str(root).rstrip("/")
        for name in ("archive", "quarantine", "answers"):
            self._fs.makedirs(f"{self._root}/{name}", exist_ok=True)

    def files(self) -> list[Lying]:
        """Return the files that may be ready, by name; at most a thousand at a time."""
        found = []
        for entry in self._fs.ls(self._root, detail=True):
            name = str(entry["name"]).rstrip("/").rpartition("/")[2]
            if entry["type"] != "file" or name.startswith(".") or name.endswith(_UNFINISHED):
                continue
            changed = entry.get("mtime", entry.get("LastModified", entry.get("created", "")))
            found.append(Lying(name, int(entry.get("size") or 0), f"{entry.get('size')} {changed}"))
        return sorted(found)[:_MOST]

    def has_control(self, name: str) -> bool:
        """Tell whether the file's control record is there."""
        return bool(self._fs.exists(f"{self._root}/{name}{CONTROL}"))

    def control(self, name: str) -> Mapping[str, Any]:
        """Return the control record; an empty one where it is none."""
        with self._fs.open(f"{self._root}/{name}{CONTROL}", "rb") as file:
            text = file.read(_MAX_CONTROL)
        try:
            found = json.loads(text, parse_float=str)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @contextmanager
    def reading(self, name: str) -> Iterator[Readable]:
        """Open a file."""
        with self._fs.open(f"{self._root}/{name}", "rb") as file:
            yield file

    def answer(self, name: str, told: Mapping[str, Any], rejects: list[Reject]) -> None:
        """Leave the acknowledgement for the sender, and the rows that were not taken."""
        safe = safe_name(name)
        if rejects:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(("line", "field", "reason"))
            writer.writerows((each.line, each.field, each.reason) for each in rejects)
            self._put(f"answers/{safe}.rejects.csv", text.getvalue().encode())
        self._put(f"answers/{safe}.ack.json", json.dumps(told, indent=2).encode() + b"\n")

    def put_away(self, name: str, where: str, digest: str) -> None:
        """Move a file to `archive` or `quarantine`, its control record with it."""
        mark = digest.rpartition(":")[2][:12]
        for each in (name, name + CONTROL):
            if self._fs.exists(f"{self._root}/{each}"):
                target = f"{self._root}/{where}/{mark}-{safe_name(each)}"
                if self._fs.exists(target):
                    self._fs.rm(target)
                self._fs.mv(f"{self._root}/{each}", target)

    def _put(self, path: str, content: bytes) -> None:
        # Whoever reads answers sees a whole one or none.
        draft, target = f"{self._root}/{path}.tmp", f"{self._root}/{path}"
        self._fs.pipe_file(draft, content)
        if self._fs.exists(target):
            self._fs.rm(target)
        self._fs.mv(draft, target)


def safe_name(name: str) -> str:
    """Return the name, or one without what no name of a file should have."""
    if _NAME.fullmatch(name):
        return name
    return "file-" + re.sub(r"[^A-Za-z0-9._-]", "_", name)[:120]
