"""An example for every check, from `examples.yaml`: two versions between which it fires.

Called by `treaty explain` and by the documentation; the engine itself says what it finds.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from contracts.compat.mode import Mode
from contracts.compat.run import compare
from contracts.document import Json
from contracts.formats import read
from contracts.formats.yaml import parse
from contracts.report import Finding

ON = date(2026, 11, 23)  # the day on which sunset dates of examples count as passed

_INFO: dict[str, Json] = {"title": "Things", "version": "1.0.0"}
_DONE: dict[str, Json] = {"responses": {"204": {"description": "done"}}}


@dataclass(frozen=True, slots=True)
class Example:
    """Two sides in short; `shape` says what they are part of."""

    rule: str
    shape: str
    old: Json
    new: Json
    mode: Mode = Mode.BACKWARD
    openapi: str = "3.1.0"

    @property
    def place(self) -> str:
        """What the sides are: `the schema of a request body`."""
        return SHAPES[self.shape][0]

    def finding(self) -> Finding | None:
        """Return what the engine finds by this rule; None where the example is wrong."""
        old, new = (
            read(json.dumps(_document(self, side)).encode(), source=f"{name}.json")
            for name, side in (("old", self.old), ("new", self.new))
        )
        report = compare(old, new, mode=self.mode, on=ON)
        return next((found for found in report.findings if found.rule == self.rule), None)


def _openapi(paths: Json, **rest: Json) -> dict[str, Json]:
    return {"openapi": "3.1.0", "info": _INFO, "paths": paths, **rest}


def _body(schema: Json) -> dict[str, Json]:
    return {"content": {"application/json": {"schema": schema}}}


def _get(operation: dict[str, Json]) -> dict[str, Json]:
    return _openapi({"/things": {"get": operation}})


def _request(schema: Json) -> dict[str, Json]:
    return _openapi({"/things": {"post": {"requestBody": _body(schema), **_DONE}}})


def _response(schema: Json) -> dict[str, Json]:
    return _get({"responses": {"200": {"description": "found", **_body(schema)}}})


def _merged(value: Json) -> dict[str, Json]:
    return _openapi({}) | (value if isinstance(value, dict) else {})


def _operation(value: Json) -> dict[str, Json]:
    return _get({**_DONE, **(value if isinstance(value, dict) else {})})


def _schema(value: Json) -> dict[str, Json]:
    draft: dict[str, Json] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {**draft, **value} if isinstance(value, dict) else draft


# Name: what the sides are, and the contract around them.
SHAPES: Mapping[str, tuple[str, Callable[[Json], dict[str, Json]]]] = {
    "request": ("the schema of a request body", _request),
    "response": ("the schema of a response body", _response),
    "parameters": ("the parameters of an operation", lambda v: _get({"parameters": v, **_DONE})),
    "responses": ("the responses of an operation", lambda v: _get({"responses": v})),
    "operation": ("an operation", _operation),
    "paths": ("the paths of a contract", _openapi),
    "openapi": ("a contract", _merged),
    "json-schema": ("a JSON Schema", _schema),
}


def _document(example: Example, side: Json) -> dict[str, Json]:
    document = SHAPES[example.shape][1](side)
    if "openapi" in document:
        document["openapi"] = example.openapi
    return document


@cache
def examples() -> Mapping[str, Example]:
    """Return the example of each check by its id."""
    name = "examples.yaml"
    root = parse(files("contracts.compat").joinpath(name).read_bytes(), source=name).root
    assert isinstance(root, dict)  # noqa: S101  # our own file; a test reads it
    return {rule: _example(rule, entry) for rule, entry in root.items()}


def _example(rule: str, entry: Json) -> Example:
    assert isinstance(entry, dict)  # noqa: S101  # as above
    return Example(
        rule=rule,
        shape=str(entry["as"]),
        old=entry["old"],
        new=entry["new"],
        mode=Mode(str(entry.get("mode", Mode.BACKWARD))),
        openapi=str(entry.get("openapi", "3.1.0")),
    )
