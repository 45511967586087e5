"""Masks a stream record by record: JSON Lines, JSON text sequences and server-sent events.

Made by `policies.kinds.mask` for one response. A record leaves when it has been judged whole; one
that cannot be judged does not leave, and one that does not end is cut off.
"""

import re
from collections.abc import Callable

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from policies.jsontext import NotJsonError, parse, write

MAX_RECORD_BYTES = 1_048_576
LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}
)
SEQUENCE = "application/json-seq"
EVENTS = "text/event-stream"
RECORDS = LINES | {SEQUENCE, EVENTS}

_SPACE = b" \t\r\n"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"
_WITHHELD = b": withheld\n\n"
_DELAY = re.compile(rb"[0-9]{1,12}")

Show = Callable[[Json], Json]


class SeparatedFilter:
    """Masks JSON texts between separators: LF (JSON Lines) or RS (RFC 7464).

    A text that is not JSON cuts the stream: which record the next one is would be a guess.
    """

    def __init__(self, show: Show, separator: bytes) -> None:
        self._show = show
        self._separator = separator
        self._held = bytearray()
        self._seen = 0  # bytes of `_held` known to hold no separator

    def feed(self, chunk: bytes) -> bytes:
        """Return the masked records that are whole. Raises `TreatyError` (not maskable)."""
        held = self._held
        held += chunk
        shown = bytearray()
        start = 0
        end = held.find(self._separator, self._seen)
        while end >= 0:
            shown += self._record(bytes(held[start:end])) + self._separator
            start = end + 1
            end = held.find(self._separator, start)
        del held[:start]
        self._seen = len(held)
        _bounded(self._seen)
        return bytes(shown)

    def end(self) -> bytes:
        """Return the last record, which needs no separator behind it."""
        rest = bytes(self._held)
        self._held.clear()
        self._seen = 0
        return self._record(rest)

    def _record(self, record: bytes) -> bytes:
        _bounded(len(record))
        text = record.strip(_SPACE)
        if not text:
            return record
        masked = _masked(text, self._show)
        if masked is None:
            raise _cut("a record is not JSON that everybody reads alike")
        if masked is text:
            return record
        before = record.index(text)
        return record[:before] + masked + record[before + len(text) :]


class EventFilter:
    """Masks the `data` of server-sent events (WHATWG HTML, section 9.2.6).

    An event whose data is not JSON is withheld, and a comment says so; comments of the upstream and
    fields that no reader knows are dropped. A CR that ends a chunk waits for the next byte.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._held = bytearray()
        self._start = 0  # where the line at hand begins in `_held`
        self._seen = 0  # bytes of `_held` known to end no line
        self._lines: list[bytes] = []
        self._first = True

    def feed(self, chunk: bytes) -> bytes:
        """Return the masked events that are whole. Raises `TreatyError` (not maskable)."""
        self._held += chunk
        return self._taken(last=False)

    def end(self) -> bytes:
        """Return what a last CR completes; an event without its blank line is none."""
        shown = self._taken(last=True)
        self._held.clear()
        self._lines = []
        self._start = self._seen = 0
        return shown

    def _taken(self, *, last: bool) -> bytes:
        held = self._held
        shown = bytearray()
        begun = 0  # where the event at hand begins
        at = self._start
        look = max(at, self._seen)
        while (found := _LINE_END.search(held, look)) is not None:
            if found.group() == b"\r" and found.end() == len(held) and not last:
                break
            line = bytes(held[at : found.start()])
            at = look = found.end()
            if line:
                self._lines.append(line)
            else:
                _bounded(at - begun)
                shown += self._event(bytes(held[begun:at]))
                self._lines = []
                begun = at
        del held[:begun]
        self._start = at - begun
        # A CR at the very end must be looked at again.
        self._seen = max(self._start, len(held) - 1)
        _bounded(len(held))
        return bytes(shown)

    def _event(self, raw: bytes) -> bytes:
        lines = self._lines
        if self._first:
            self._first = False
            if lines:
                lines[0] = lines[0].removeprefix(_BOM)
        if not lines:
            return raw
        data: list[bytes] = []
        others: dict[bytes, bytes] = {}
        dropped = False
        for line in lines:
            name, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if name == b"data":
                data.append(value)
            elif name in (b"event", b"id", b"retry"):
                dropped = dropped or name in others
                others[name] = value
            else:
                dropped = True
        kept = self._kept(others)
        if not data:
            return raw if kept == others and not dropped else _written(kept, None)
        text = b"\n".join(data)
        masked = _masked(text, self._show) if text.strip(_SPACE) else text
        if masked is None:
            return _WITHHELD
        if masked is text and kept == others and not dropped:
            return raw
        return _written(kept, masked)

    def _kept(self, fields: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """Return the fields that may leave: members of the same name may be classified."""
        kept: dict[bytes, bytes] = {}
        for name, value in fields.items():
            try:
                member: dict[str, Json] = {name.decode(): value.decode()}
            except UnicodeDecodeError:
                continue
            if name == b"retry" and not _DELAY.fullmatch(value):
                continue
            if self._show(member) == member:
                kept[name] = value
        return kept


def _masked(text: bytes, show: Show) -> bytes | None:
    """Return the masked text, the very same object where nothing changed; None if not JSON."""
    try:
        value = parse(text)
        shown = show(value)
        return text if shown is value else write(shown)
    except (NotJsonError, RecursionError):
        return None


def _written(fields: dict[bytes, bytes], data: bytes | None) -> bytes:
    lines = [name + b": " + value + b"\n" for name, value in fields.items()]
    # A text of several lines was several `data` fields, and is so again.
    lines += [] if data is None else [b"data: " + part + b"\n" for part in data.split(b"\n")]
    return b"".join(lines) + b"\n" if lines else b":\n\n"


def _bounded(size: int) -> None:
    if size > MAX_RECORD_BYTES:
        raise _cut(f"a record has more than {MAX_RECORD_BYTES} bytes")


def _cut(why: str) -> TreatyError:
    sentence = f"The upstream's stream holds classified values and cannot be masked: {why}."
    return TreatyError(catalog.RESPONSE_NOT_MASKABLE, sentence)
