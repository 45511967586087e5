"""A whole file judged: every row by its schema, the totals by the control record."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.document import Json
from contracts.model import Contract
from orchestration.exchange.rows import FileError, Readable, Row, rows
from orchestration.exchange.settings import ExchangeSettings
from orchestration.schemas import Schemas

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_BOOLEANS = {"true": True, "false": False}
_MAX_REJECTS = 10_000


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is not taken: its line, the field, and why, without the value."""

    line: int
    field: str
    reason: str


@dataclass(slots=True)
class Judged:
    """What a file holds. With `refused` nothing of it is taken."""

    digest: str
    accepted: list[dict[str, Json]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    refused: str = ""
    refused_line: int = 0
    rejected: int = 0


class Judge:
    """Judges files by the schema of one exchange."""

    def __init__(self, settings: ExchangeSettings, contract: Contract) -> None:
        self._settings, self._contract = settings, contract
        self._schemas = Schemas(contract)
        root = contract.schema.value if contract.schema is not None else {}
        members = root.get("properties", {}) if isinstance(root, dict) else {}
        self._types: dict[str, Any] = {
            name: member.get("type") if isinstance(member, dict) else None
            for name, member in (members if isinstance(members, dict) else {}).items()
        }

    def judge(self, file: Readable, control: Mapping[str, Any] | None) -> Judged:
        """Read the whole file, once. Never raises for what is in it."""
        hashed = _Hashed(file)
        judged = Judged("")
        try:
            for row in rows(hashed, self._settings, self._types):
                self._take(row, judged)
            self._check(judged, control)
        except FileError as error:
            judged.refused, judged.refused_line = error.sentence, error.line
        judged.digest = hashed.rest()
        if judged.refused:
            judged.accepted.clear()
        return judged

    def _take(self, row: Row, judged: Judged) -> None:
        if len(judged.accepted) + judged.rejected >= self._settings.max_rows:
            raise FileError(f"it has more than {self._settings.max_rows} rows", row.line)
        if row.wrong:
            found = [Reject(row.line, "", row.wrong)]
        else:
            values = {name: self._typed(name, value) for name, value in row.values.items()}
            errors = self._schemas.errors(self._contract.schema, values, writing=True, at="")
            found = [Reject(row.line, error.pointer.lstrip("/"), error.detail) for error in errors]
            if not found:
                judged.accepted.append(values)
                return
        judged.rejected += 1
        judged.rejects += found[: max(0, _MAX_REJECTS - len(judged.rejects))]

    def _typed(self, name: str, value: Json) -> Json:
        """Return a cell as the schema's type; a text that is none stays, and breaks the schema."""
        if not isinstance(value, str):
            return value
        if self._types.get(name) == "integer" and _INTEGER.fullmatch(value):
            return int(value)
        if self._types.get(name) == "boolean" and value.lower() in _BOOLEANS:
            return _BOOLEANS[value.lower()]
        return value

    def _check(self, judged: Judged, control: Mapping[str, Any] | None) -> None:
        if not judged.accepted and not judged.rejected:
            raise FileError("it has no rows")
        if self._settings.control:
            self._check_totals(judged, control or {})
        if judged.rejected and self._settings.rejects == "refuse":
            first = judged.rejects[0]
            raise FileError(
                f"{judged.rejected} rows are wrong, the first one in {first.field or 'its form'}",
                first.line,
            )

    def _check_totals(self, judged: Judged, control: Mapping[str, Any]) -> None:
        count = len(judged.accepted) + judged.rejected
        if control.get("rows") != count:
            said = f"the control record tells another number of rows than the {count} that came"
            raise FileError(said)
        sums = control.get("sums", {})
        for name, told in sums.items() if isinstance(sums, dict) else ():
            if judged.rejected:
                continue  # sums can only be compared where every row can be read
            if _sum(judged.accepted, name) != _decimal(told):
                raise FileError(f"the control record tells another sum of {str(name)[:60]}")


class _Hashed:
    """A stream that is hashed on the way."""

    def __init__(self, file: Readable) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._file.read(size)
        self._hash.update(part)
        return part

    def rest(self) -> str:
        """Read to the end and return the digest of everything."""
        while self.read(65_536):
            pass
        return "sha256:" + self._hash.hexdigest()


def _sum(accepted: list[dict[str, Json]], name: str) -> Decimal | None:
    total = Decimal(0)
    for row in accepted:
        value = _decimal(row.get(name, "0"))
        if value is None:
            return None
        total += value
    return total


def _decimal(value: object) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def groups(
    accepted: list[dict[str, Json]], names: tuple[str, ...], most: int
) -> Iterator[tuple[dict[str, Json], list[dict[str, Json]]]]:
    """Yield the rows by the columns that they are grouped by, in parts of at most `most`."""
    found: dict[tuple[str, ...], list[dict[str, Json]]] = {}
    for row in accepted:
        found.setdefault(tuple(str(row.get(name, "")) for name in names), []).append(row)
    for key, members in found.items():
        for start in range(0, len(members), most):
            yield dict(zip(names, key, strict=True)), members[start : start + most]
