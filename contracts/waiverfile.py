"""Reads a file of waivers; every mistake is named with its line and column.

Called by the command line; the registry keeps rows, which it validates as it takes them in.
"""

import re
from collections.abc import Mapping
from datetime import date

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.problem import Detail
from contracts.waivers import Waiver

SCHEMA_VERSION = "1"
MAX_WAIVERS = 1_000
MAX_TEXT = 2_000

MEMBERS: Mapping[str, bool] = {  # name: whether it must be there
    "rule": True,
    "pointer": True,
    "operation": False,
    "consumer": False,
    "reason": True,
    "owner": True,
    "approver": True,
    "expires": True,
}
_RULE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_POINTER = re.compile(r"(/([^~/]|~[01])*)*")


def read(document: Document) -> tuple[Waiver, ...]:
    """Return the waivers in a parsed text. Raises `TreatyError` (invalid-request) with all mistakes."""
    reader = _Reader(document)
    waivers = reader.read()
    if reader.mistakes:
        first = reader.mistakes[0]
        where = f"{first.file}:{first.line}:{first.column}"
        raise TreatyError(
            catalog.INVALID_REQUEST, f"{where}: {first.detail}", errors=tuple(reader.mistakes)
        )
    return waivers


class _Reader:
    """One reading; goes on after a mistake."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mistakes: list[Detail] = []

    def mistake(self, pointer: str, sentence: str) -> None:
        place = self.document.place(pointer)
        self.mistakes.append(Detail(sentence, pointer, place.file, place.line, place.column))

    def read(self) -> tuple[Waiver, ...]:
        root = self.document.root
        if not isinstance(root, dict):
            self.mistake("", "A file of waivers is a mapping with `schema_version` and `waivers`.")
            return ()
        for key in sorted(root.keys() - {"schema_version", "waivers"}):
            self.mistake(jp.join("", key), f"{key[:80]!r} is not known here.")
        if str(root.get("schema_version")) != SCHEMA_VERSION:
            self.mistake("/schema_version", f'`schema_version` is "{SCHEMA_VERSION}".')
        entries = root.get("waivers")
        if not isinstance(entries, list) or len(entries) > MAX_WAIVERS:
            self.mistake("/waivers", f"`waivers` is a list of at most {MAX_WAIVERS} entries.")
            return ()
        made = [self.waiver(f"/waivers/{index}", entry) for index, entry in enumerate(entries)]
        return tuple(waiver for waiver in made if waiver)

    def waiver(self, at: str, entry: Json) -> Waiver | None:
        if not isinstance(entry, dict):
            self.mistake(at, f"A waiver is a mapping with {_listed()}.")
            return None
        before = len(self.mistakes)
        for key in sorted(entry.keys() - MEMBERS.keys()):
            self.mistake(jp.join(at, key), f"{key[:80]!r} is not known; known: {_listed()}.")
        texts = {name: self.text(at, entry, name, needed) for name, needed in MEMBERS.items()}
        expires = self.date(f"{at}/expires", texts.pop("expires"))
        if texts["rule"] and not _RULE.fullmatch(texts["rule"]):
            self.mistake(f"{at}/rule", "`rule` is the id of a check, like enum-value-removed.")
        if not _POINTER.fullmatch(texts["pointer"]):
            self.mistake(f"{at}/pointer", "`pointer` is a JSON Pointer, like /paths/*/get.")
        if texts["owner"] and texts["owner"].casefold() == texts["approver"].casefold():
            self.mistake(f"{at}/approver", "The approver is somebody else than the owner.")
        if expires is None or len(self.mistakes) > before:
            return None
        return Waiver(**texts, expires=expires, place=self.document.place(at))

    def text(self, at: str, entry: Mapping[str, Json], name: str, needed: bool) -> str:
        """Return a member as text; the pointer alone may be empty, it is then the whole document."""
        value = entry.get(name)
        if value is None and (not needed or name not in entry):
            if needed:
                self.mistake(at, f"`{name}` is missing.")
            return ""
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            self.mistake(f"{at}/{name}", f"`{name}` is a text of at most {MAX_TEXT} characters.")
            return ""
        if not value.strip() and name != "pointer":
            self.mistake(f"{at}/{name}", f"`{name}` is empty.")
        return value.strip()

    def date(self, pointer: str, value: str) -> date | None:
        if not value:
            return None
        try:
            if _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass  # a 31st of February; told below
        self.mistake(pointer, "`expires` is a day, like 2027-03-31 (ISO 8601).")
        return None


def _listed() -> str:
    return ", ".join(name if needed else f"{name} (optional)" for name, needed in MEMBERS.items())
