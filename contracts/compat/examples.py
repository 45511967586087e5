"""An example for every check, from `examples.yaml`: two versions between which it fires.

Called by `treaty explain` and by the documentation; the engine itself says what it finds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from contracts.compat.lifecycle import TOLERANT, Lifecycle
from contracts.compat.mode import Mode
from contracts.compat.run import compare
from contracts.compat.shapes import SHAPES
from contracts.document import Json
from contracts.formats import read
from contracts.formats.yaml import parse
from contracts.model import Contract
from contracts.report import Finding

ON = date(2026, 11, 23)  # the day on which sunset dates of examples count as passed


@dataclass(frozen=True, slots=True)
class Example:
    """Two sides in short; `shape` says what they are part of."""

    rule: str
    shape: str
    old: Json
    new: Json
    mode: Mode = Mode.BACKWARD
    openapi: str = ""
    lifecycle: Lifecycle = TOLERANT

    @property
    def place(self) -> str:
        """What the sides are: `the schema of a request body`."""
        return SHAPES[self.shape].place

    def finding(self) -> Finding | None:
        """Return what the engine finds by this rule; None where the example is wrong."""
        old, new = self._contract("old", self.old), self._contract("new", self.new)
        report = compare(old, new, mode=self.mode, on=ON, lifecycle=self.lifecycle)
        return next((found for found in report.findings if found.rule == self.rule), None)

    def _contract(self, side: str, value: Json) -> Contract:
        document = SHAPES[self.shape].build(value)
        if self.openapi:
            document["openapi"] = self.openapi
        return read(json.dumps(document).encode(), source=f"{side}.json")


@cache
def examples() -> Mapping[str, Example]:
    """Return the example of each check by its id."""
    name = "examples.yaml"
    root = parse(files("contracts.compat").joinpath(name).read_bytes(), source=name).root
    assert isinstance(root, dict)  # noqa: S101  # our own file; a test reads it
    return {rule: _example(rule, entry) for rule, entry in root.items()}


def _example(rule: str, entry: Json) -> Example:
    assert isinstance(entry, dict)  # noqa: S101  # as above
    days = entry.get("lifecycle", {})
    assert isinstance(days, dict)  # noqa: S101  # as above
    return Example(
        rule=rule,
        shape=str(entry["as"]),
        old=entry["old"],
        new=entry["new"],
        mode=Mode(str(entry.get("mode", Mode.BACKWARD))),
        openapi=str(entry.get("openapi", "")),
        lifecycle=Lifecycle(**{key: int(str(count)) for key, count in days.items()}),
    )
