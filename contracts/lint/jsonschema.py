"""JSON Schemas that stand in rulesets: compiled once, no network, patterns in bounded time."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import jsonschema_rs as rs

from contracts.digest import canonical
from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Result

Check = Callable[[Json], Iterator[Result]]

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

    def check(value: Json) -> Iterator[Result]:
        for error in validator.iter_errors(value):
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


def _nowhere(uri: str) -> Any:
    raise LookupError(f"'{uri[:100]}' is outside the ruleset; schemas are not fetched.")


def _sentence(error: Any) -> str:
    text = str(error.message)
    return text if len(text) <= 300 else text[:300] + "…"  # noqa: PLR2004  # values may be huge
