"""The tables that `make bench` prints, and the same as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.gateway.figures import Figures, ratio

_COLUMNS = ("gateway", "rps", "CPU us/call", "p50 ms", "p99 ms", "RSS MB", "failed")


@dataclass
class Section:
    """One comparison: figures by gateway, in the order they were measured."""

    title: str
    subject: str  # the row that the ratios are about
    rows: dict[str, Figures] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return an aligned table; the first column stands left, the others right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *rest = zip(cells, widths, strict=True)
        parts = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        return "  ".join(parts).rstrip()

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, rows)])


def render(section: Section) -> str:
    """Return the section as text; the ratio columns say what the subject costs of each other."""
    subject = section.subject
    own = section.rows.get(subject)
    rows = [_row(name, figures, own, subject) for name, figures in section.rows.items()]
    head = (*_COLUMNS, f"{subject} CPU", f"{subject} p99")
    empty = [] if section.notes else ["nothing was measured"]
    parts = [section.title, *([table(head, rows)] if rows else empty)]
    return "\n".join([*parts, *(f"  {note}" for note in section.notes)])


def _row(name: str, figures: Figures, own: Figures | None, subject: str) -> list[str]:
    cells = [
        name, f"{figures.rps:.0f}", f"{figures.cpu_us:.1f}", f"{figures.p50_ms:.2f}",
        f"{figures.p99_ms:.2f}", f"{figures.rss_mb:.0f}", f"{figures.failures:.0f}",
    ]  # fmt: skip
    if own is None or name == subject:
        return [*cells, "", ""]
    cpu, tail = ratio(own.cpu_us, figures.cpu_us), ratio(own.p99_ms, figures.p99_ms)
    return [*cells, f"{cpu:.2f} x", f"{tail:.2f} x"]


def as_json(sections: Sequence[Section], facts: Mapping[str, object]) -> dict[str, object]:
    """Return everything measured as plain data."""
    return {
        **facts,
        "sections": [
            {
                "title": section.title,
                "subject": section.subject,
                "notes": section.notes,
                "rows": {name: vars(figures) for name, figures in section.rows.items()},
            }
            for section in sections
        ],
    }
