"""Rows and records as aligned text or Markdown; used by `Talk`."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence


def cell(value: object) -> str:
    """Return a value as people read it in a table."""
    if value in (None, "", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return " ".join(map(str, value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def render(rows: Sequence[Mapping[str, object]], columns: Sequence[str], form: str) -> str:
    """Return rows as a Markdown or text table; rows become blocks where a terminal is too narrow."""
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    if form == "markdown":
        return _markdown(columns, cells)
    widths = [
        max(map(len, (title, *values))) for title, *values in zip(columns, *cells, strict=True)
    ]
    if sum(widths) + 2 * len(widths) > width():
        return "\n\n".join(
            record(dict(zip(columns, values, strict=True)), "text") for values in cells
        )
    lines = [[column.upper().replace("_", " ") for column in columns], *cells]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def record(value: Mapping[str, object], form: str) -> str:
    """Return one object, a member a line."""
    if form == "markdown":
        return _markdown(("member", "value"), [[key, cell(entry)] for key, entry in value.items()])
    width = max(map(len, value), default=0)
    return "\n".join(f"{key.ljust(width)}  {cell(entry)}" for key, entry in value.items())


def _markdown(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *cells]
    return "\n".join("| " + " | ".join(map(_escaped, line)) + " |" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def width() -> int:
    """Return how many columns a line may have."""
    # Only a terminal has a width worth folding for; a file or a pipe takes the whole line.
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
