"""JSON Schemas that stand in rulesets: compiled once, no network, patterns in bounded time."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs as rs

from contracts.digest import canonical
from contracts.document import Json, Number
from contracts.lint import options as opt
from contracts.lint.function import Result, UnsupportedError

Check = Callable[[Json], Iterator[Result]]

MAX_NODES = 200_000
MAX_DEPTH = 150
# These look at values deeper than they are themselves.
_UNBOUNDED = frozenset(["$ref", "$dynamicRef", "$recursiveRef", "uniqueItems"])
_DIALECTS: dict[str, Any] = {
    "draft4": rs.Draft4Validator,
    "draft6": rs.Draft6Validator,
    "draft7": rs.Draft7Validator,
    "draft2019-09": rs.Draft201909Validator,
    "draft2020-12": rs.Draft202012Validator,
}


def compiled(schema: dict[str, Json] | bool, dialect: str = "auto") -> Check:
    """Return the check of a schema; formats are asserted, as Spectral does.

    Raises `TreatyError` (invalid-ruleset) for what is no schema or refers outside itself.
    """
    try:
        return _compile(canonical(schema), dialect)
    except ValueError:
        raise opt.refusal("The schema holds a number or text that JSON does not have.") from None


@lru_cache(maxsize=256)
def _compile(text: bytes, dialect: str) -> Check:
    schema = json.loads(text)
    try:
        validator = _class(schema, dialect)(
            schema,
            validate_formats=True,
            retriever=_nowhere,
            pattern_options=rs.FancyRegexOptions(backtrack_limit=100_000),
        )
    except (ValueError, rs.ReferencingError) as error:
        sentence = str(error).partition("\n")[0][:200]
        raise opt.refusal(f"The schema cannot be used: {sentence}") from None

    depth = _depth(schema)

    def check(value: Json) -> Iterator[Result]:
        for error in validator.iter_errors(_Plain().value(value, depth)):
            yield Result(_sentence(error), tuple(error.instance_path))

    return check


def _class(schema: dict[str, Json] | bool, dialect: str) -> Any:
    if dialect in _DIALECTS:
        return _DIALECTS[dialect]
    if dialect != "auto":
        known = ", ".join(("auto", *_DIALECTS))
        raise opt.refusal(f"The option 'dialect' of schema must be one of {known}.")
    if isinstance(schema, dict) and isinstance(schema.get("$schema"), str):
        return rs.validator_cls_for(schema)
    return rs.Draft7Validator


def _depth(schema: Json) -> int:
    """Return how many levels of a value the schema can look at; each takes one of its own."""
    if isinstance(schema, dict):
        if not _UNBOUNDED.isdisjoint(schema):
            return MAX_DEPTH
        return min(MAX_DEPTH, 1 + max((_depth(each) for each in schema.values()), default=0))
    if isinstance(schema, list):
        return min(MAX_DEPTH, 1 + max((_depth(each) for each in schema), default=0))
    return 0


class _Plain:
    """A value as the validator takes it: no numbers of our own, nothing that no keyword sees.

    In the resolved tree a short text can stand for a value without end; what is cut is bounded
    by the schema's depth, and what is too large nevertheless is refused.
    """

    def __init__(self) -> None:
        self.left = MAX_NODES

    def value(self, value: Json, depth: int) -> Json:
        """Return the copy. Raises `UnsupportedError` when it grows too large."""
        self.left -= 1
        if self.left < 0:
            raise UnsupportedError(f"a schema on a value of more than {MAX_NODES} nodes")
        if isinstance(value, dict):
            if depth <= 0:
                return {}
            return {key: self.value(each, depth - 1) for key, each in value.items()}
        if isinstance(value, list):
            return [] if depth <= 0 else [self.value(each, depth - 1) for each in value]
        return float(value) if isinstance(value, Number) else value


def _nowhere(uri: str) -> Any:
    raise LookupError(f"'{uri[:100]}' is outside the ruleset; schemas are not fetched.")


def _sentence(error: Any) -> str:
    text = str(error.message)
    return text if len(text) <= 300 else text[:300] + "…"  # noqa: PLR2004  # values may be huge
