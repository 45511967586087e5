"""Which records of two systems are the same thing, by rules as documents. Pure; a step of flows.

A rule that is certain decides where exactly one record fits; everything else is a question for a person.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from contracts.document import Json
from orchestration.definition import Expr, Name, Part, Slug, Text, Version

Value = Callable[[str, Json], Json]  # an expression over a record
Sameness = Literal["identifier", "legal-name", "domain", "text"]

# Legal forms as they end or begin names of companies, without dots and spaces.
_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aps",
        "as",
        "asa",
        "bv",
        "co",
        "corp",
        "corporation",
        "eg",
        "ev",
        "gmbh",
        "gmbhcokg",
        "inc",
        "incorporated",
        "kft",
        "kg",
        "kgaa",
        "kk",
        "limited",
        "llc",
        "llp",
        "ltd",
        "mbh",
        "nv",
        "ohg",
        "oy",
        "oyj",
        "plc",
        "pte",
        "pty",
        "pvt",
        "sa",
        "sarl",
        "sas",
        "se",
        "sl",
        "spa",
        "spzoo",
        "srl",
        "ug",
    ]
)
# Domains of mail for everybody say nothing about a company.
_EVERYBODYS = frozenset(
    [
        "aol.com",
        "gmail.com",
        "gmx.at",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "web.de",
        "yahoo.com",
    ]
)
_WORD = re.compile(r"[^\W_]+")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?([a-z0-9.-]+)", re.IGNORECASE)


class Rule(Part):
    """Fields that have to be the same; `certain` where that proves it."""

    rule: Text
    fields: dict[Name, Sameness] = Field(min_length=1, max_length=10)
    certain: bool = False


class Matching(Part):
    """The rules of one entity. `views` says, as expressions, where a system shows each field.

    Records that both have a field of `apart`, and another value in it, are never the same.
    """

    matching: Slug
    version: Version
    title: Text
    systems: dict[Name, Slug] = Field(min_length=2, max_length=20)
    views: dict[Name, dict[Name, Expr]] = Field(min_length=2, max_length=20)
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=20)
    apart: dict[Name, Sameness] = Field(default_factory=dict, max_length=10)

    @model_validator(mode="after")
    def _joined(self) -> "Matching":
        unknown = sorted(self.views.keys() - self.systems.keys())
        if unknown:
            raise ValueError(f"`systems` does not name {unknown[0]!r}")
        known = {field for view in self.views.values() for field in view}
        used = {field for rule in self.rules for field in rule.fields} | self.apart.keys()
        strange = sorted(used - known)
        if strange:
            raise ValueError(f"no view shows {strange[0]!r}")
        return self

    def view(self, contract: str) -> Mapping[str, str]:
        """Return where a contract's records show the fields; nothing for a foreign one."""
        names = [name for name, each in self.systems.items() if each == contract]
        return self.views.get(names[0], {}) if names else {}


@dataclass(frozen=True, slots=True)
class Found:
    """The key of the record that is the same, with the rule; or those that may be, with theirs."""

    key: str | None = None
    by: str = ""
    possible: tuple[tuple[str, str], ...] = ()  # key, rule


def find(
    document: Matching,
    of: tuple[str, Json],
    among: tuple[str, Sequence[Json], str],
    value: Value,
) -> Found:
    """Return what fits a record `of` a contract `among` records of another, called by a key."""
    record = _seen(document.view(of[0]), of[1], value)
    view, certain, possible = document.view(among[0]), dict[str, str](), dict[str, str]()
    for other in among[1]:
        key = value(among[2], other)
        if not isinstance(key, str) or not key:
            continue
        seen = _seen(view, other, value)
        if any(_told(record, seen, *each) is False for each in document.apart.items()):
            continue
        for rule in document.rules:
            if all(_told(record, seen, *each) for each in rule.fields.items()):
                (certain if rule.certain else possible).setdefault(key, rule.rule)
                break
    if len(certain) == 1:
        return Found(*next(iter(certain.items())))
    return Found(possible=tuple(sorted((certain | possible).items())))


def normal(kind: Sameness, value: Json) -> str:
    """Return a value as it is compared; empty for one that says nothing."""
    text = unicodedata.normalize("NFKD", "" if value is None else str(value))
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold().strip()
    if kind == "identifier":
        return "".join(_WORD.findall(text))
    if kind == "legal-name":
        words = _WORD.findall(text.replace(".", "").replace("&", " and "))
        return " ".join(word for word in words if word not in _FORMS) or " ".join(words)
    if kind == "domain":
        host = _HOST.match(text)
        name = host[1].removeprefix("www.").strip(".") if host else ""
        return "" if name in _EVERYBODYS or "." not in name else name
    return " ".join(text.split())


def _seen(view: Mapping[str, str], record: Json, value: Value) -> dict[str, Json]:
    return {field: value(text, record) for field, text in view.items()}


def _told(
    one: Mapping[str, Json], other: Mapping[str, Json], field: str, kind: Sameness
) -> bool | None:
    """Return whether both say the same; None where one of them says nothing."""
    values = normal(kind, one.get(field)), normal(kind, other.get(field))
    return values[0] == values[1] if all(values) else None
