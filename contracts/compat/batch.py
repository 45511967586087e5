"""One line of `treaty check --pairs`: what it asks, read without trusting it.

Called by the command line's worker; the files that a line names are opened there.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from contracts import catalog
from contracts.compat.judge import Request
from contracts.compat.mode import Mode, Policy, Profile
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Format
from contracts.problem import Detail
from contracts.report import Report

E = TypeVar("E", bound=StrEnum)
Id = None | bool | int | float | str

_SHOWN = 60
# A line that is broken further on still tells whose answer it gets.
_FIRST_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*("(?:[^"\\\x00-\x1f]|\\.){0,1000}"|-?\d{1,18})\s*[,}]')


@dataclass(frozen=True, slots=True)
class Line:
    """A question: the sides are objects or booleans (schemas) or strings (a path or a text)."""

    id: Id
    old: Json
    new: Json
    request: Request


def read(line: bytes, defaults: Request) -> Line:
    """Return the question in a line. Raises `TreatyError` (malformed-request, invalid-request)."""
    asked = _object(line)
    mistakes: list[str] = []

    def choice(name: str, kind: type[E], default: E | None) -> E | None:
        value = asked.get(name)
        if value is None:
            return default
        for member in kind:
            if isinstance(value, str) and value.lower().replace("-", "_") == _plain(member):
                return member
        mistakes.append(f"`{name}` is one of {', '.join(kind)}, not {_short(value)}")
        return default

    request = Request(
        format=choice("format", Format, defaults.format),
        mode=choice("mode", Mode, defaults.mode) or defaults.mode,
        profile=choice("profile", Profile, defaults.profile) or defaults.profile,
        policy=choice("policy", Policy, defaults.policy),
        on=defaults.on,
    )
    mistakes += [f"`{side}` is missing" for side in ("old", "new") if side not in asked]
    if mistakes:
        raise _refusal(catalog.INVALID_REQUEST, mistakes)
    return Line(_id(asked.get("id")), asked["old"], asked["new"], request)


def id_of(line: bytes) -> Id:
    """Return the id of a line as far as it can be made out, else None."""
    try:
        return _id(_object(line).get("id"))
    except TreatyError:
        match = _FIRST_ID.match(line)
    try:
        return _id(json.loads(match[1])) if match else None
    except ValueError:
        return None


def answer(identifier: Id, report: Report) -> bytes:
    """Return the line that answers: the report with the id in front; ASCII, so that it is one line."""
    return json.dumps({"id": identifier, **report.as_json()}).encode() + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line, object_pairs_hook=_unique, parse_constant=_constant)
    except RecursionError:
        raise _refusal(catalog.MALFORMED_REQUEST, ["the line is nested too deeply"]) from None
    except (ValueError, UnicodeDecodeError) as error:
        sentence = f"the line is not JSON: {_short(error)}"
        raise _refusal(catalog.MALFORMED_REQUEST, [sentence]) from None
    if not isinstance(value, dict):
        raise _refusal(catalog.MALFORMED_REQUEST, ["the line is not a JSON object"])
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object has the same key twice")
    return made


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _id(value: object) -> Id:
    return value if value is None or isinstance(value, str | int | float) else None


def _plain(member: StrEnum) -> str:
    return member.value.replace("-", "_")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _refusal(kind: Any, sentences: Iterable[str]) -> TreatyError:
    details = tuple(Detail(sentence) for sentence in sentences)
    return TreatyError(kind, "; ".join(each.detail for each in details), errors=details)


def options(asked: Mapping[str, str]) -> Request:
    """Return the defaults that a command line gave (mode, profile, policy)."""
    policy = Policy(asked["policy"]) if asked["policy"] else None
    return Request(mode=Mode(asked["mode"]), profile=Profile(asked["profile"]), policy=policy)
