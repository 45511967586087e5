"""`consistentCase`: the properties of one contract are written in one style."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from contracts import pointer as jp
from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Path, Result
from contracts.structure import parts

_STYLES = {
    "camelCase": re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+"),
    "snake_case": re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+"),
    "PascalCase": re.compile(r"[A-Z][a-zA-Z0-9]*"),
    "kebab-case": re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+"),
}
_WORD = re.compile(r"[a-z][a-z0-9]*|[$@_].*|x-.*")  # one word fits every style but Pascal


def consistent_case(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand one of `styles`, the one that most properties have, of all properties below a value."""
    allowed = opt.texts(options, "styles")
    named = list(_properties(value))
    counts = Counter(style for path in named if (style := _style(str(path[-1]))))
    if not counts:
        return
    common = counts.most_common(1)[0][0]
    if common not in allowed:
        wanted = " or ".join(allowed)
        yield Result(f"most properties are written in {common}; {wanted} is wanted")
        return
    for path in named:
        style = _style(str(path[-1]))
        if style != common and not _WORD.fullmatch(str(path[-1])):
            told = style or "a style of its own"
            yield Result(f"'{path[-1]}' is written in {told}; most properties in {common}", path)


def _style(name: str) -> str | None:
    return next((style for style, pattern in _STYLES.items() if pattern.fullmatch(name)), None)


def _properties(value: Json) -> Iterator[Path]:
    """Yield the path of every property in a schema below `value`."""
    for part in parts(value):
        members = part.value.get("properties")
        if isinstance(members, dict):
            base = jp.split(part.pointer)
            yield from ((*base, "properties", name) for name in members)
