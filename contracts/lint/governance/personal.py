"""`classified`: fields whose names look personal say how they are to be treated."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Result

MARK = "x-data-classification"
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_FILLERS = frozenset(["of", "the"])


def classified(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand `x-data-classification` on properties whose names look personal.

    `names` lists the words that do, alone or in pairs; a name that ends with one of `about`
    speaks of something else (the subject of a mail, the number of phones).
    """
    names, about = frozenset(opt.texts(options, "names")), frozenset(opt.texts(options, "about"))
    if not isinstance(value, dict):
        return
    for name, schema in value.items():
        if not isinstance(schema, dict) or MARK in schema or not _holds(schema):
            continue
        if personal(name, names, about):
            yield Result(f"'{name[:100]}' looks personal and has no '{MARK}'", (name,))


def personal(name: str, names: frozenset[str], about: frozenset[str]) -> bool:
    """Return whether a name, in any case style, looks like personal data."""
    words = [word.lower() for word in _WORDS.findall(name[:200])]
    words = [word for word in words if word not in _FILLERS]
    if not words or words[-1] in about or words[0] in ("is", "has"):
        return False
    singular = [word.removesuffix("s") for word in words]
    pairs = (" ".join(pair) for each in (words, singular) for pair in pairwise(each))
    return not names.isdisjoint((*words, *singular, "".join(words), *pairs))


def _holds(schema: dict[str, Json]) -> bool:
    """Return whether a schema holds the value itself: a flag or a whole object does not."""
    return schema.get("type") not in ("boolean", "object") and "properties" not in schema
