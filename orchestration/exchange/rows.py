"""The bytes of a file as rows: decoded strictly, columns checked, each row with its line.

Pure over a binary stream. What makes a file unreadable as a whole raises `FileError`; what is wrong
with one row only is `judging`'s.
"""

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from orchestration.exchange.settings import ExchangeSettings

_CHUNK = 65_536
_MAX_LINE = 1_000_000
_UNPACKED = 20  # how many times larger than the file a workbook may be inside
_NO_WORKBOOK = "it is no workbook that can be read"
_INSTALL = "XLSX files need the `xlsx` extra: pip install 'treaty[xlsx]'"


class Readable(Protocol):
    """A binary stream."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that are left without it."""
        ...


class FileError(ValueError):
    """The file cannot be taken as a whole: a sentence without values, and the line (0: none)."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.line = sentence, line


class Row(NamedTuple):
    """One row: the line it begins in, its members, and why it is none (`wrong`)."""

    line: int
    values: dict[str, Any]
    wrong: str = ""


def rows(file: Readable, settings: ExchangeSettings, columns: Collection[str]) -> Iterator[Row]:
    """Yield the rows; `columns` are those that the schema names. Raises `FileError`."""
    if settings.format == "xlsx":
        yield from _workbook(file, settings, columns)
    elif settings.format == "jsonl":
        yield from _json_lines(_lines(file, settings.encoding))
    else:
        yield from _table(_lines(file, settings.encoding), settings.delimiter, columns)


def _lines(file: Readable, encoding: str) -> Iterator[str]:
    """Yield lines with their ends; a byte that the encoding lacks is named by line."""
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    decoder = codecs.getincrementaldecoder(name)("strict")
    held, line = "", 1
    while True:
        chunk = file.read(_CHUNK)
        try:
            held += decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            at = line + held.count("\n") + error.object[: error.start].count(b"\n")
            byte = error.object[error.start]
            raise FileError(f"the byte 0x{byte:02X} is no {encoding}", at) from None
        parts = held.split("\n")
        held = parts.pop()
        for part in parts:
            yield part + "\n"
            line += 1
        if len(held) > _MAX_LINE:
            raise FileError(f"a line has more than {_MAX_LINE} characters", line)
        if not chunk:
            break
    if held:
        yield held


def _table(lines: Iterator[str], delimiter: str, columns: Collection[str]) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, columns)
        begins = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(begins, header, cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileError(f"it is no CSV: {error}", reader.line_num) from None


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        return Row(line, {}, f"has {len(cells)} columns in place of {len(header)}")
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    return Row(line, {name: value for name, value in values.items() if value})


def _check_header(header: list[str], columns: Collection[str]) -> None:
    if not any(header):
        raise FileError("it has no header", 1)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise FileError(f"the column {twice[0][:60]!r} is there twice", 1)
    strange = [name for name in header if name not in columns]
    if strange:
        known = ", ".join(columns)
        raise FileError(f"the column {strange[0][:60]!r} is unknown; columns: {known}", 1)


def _json_lines(lines: Iterator[str]) -> Iterator[Row]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            # Amounts are texts in rows; what stands as a number keeps its digits.
            value = json.loads(text, parse_float=str, parse_constant=_refuse)
        except (ValueError, RecursionError):
            yield Row(number, {}, "is no JSON")
            continue
        yield Row(number, value) if isinstance(value, dict) else Row(number, {}, "is no object")


def _refuse(_: str) -> None:
    raise ValueError


def _workbook(
    file: Readable, settings: ExchangeSettings, columns: Collection[str]
) -> Iterator[Row]:
    try:
        import openpyxl  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra, without types
    except ImportError:
        raise FileError(_INSTALL) from None
    content = file.read()
    _bounded(content, settings.max_bytes * _UNPACKED)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        table = book.worksheets[0].iter_rows(values_only=True)
        header = [_cell(cell).strip() for cell in next(table, ())]
        _check_header(header, columns)
        for number, cells in enumerate(table, 2):
            texts = [_cell(cell) for cell in cells]
            if any(texts):
                yield _row(number, header, texts)
    except FileError:
        raise
    except Exception:  # noqa: BLE001  # whatever a hostile workbook breaks in its reader
        raise FileError(_NO_WORKBOOK) from None


def _bounded(content: bytes, most: int) -> None:
    """Raise `FileError` for a workbook that unpacks to more than it may."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise FileError(_NO_WORKBOOK) from None
    if size > most:
        raise FileError("it unpacks to more than a workbook may have")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)
