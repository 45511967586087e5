"""Asks an independent validator (jsonschema-rs) whether a schema really accepts a value.

Called before any witness is shown; what it does not confirm is not proven.
"""

import base64
import binascii
import json

import jsonschema_rs

from contracts.containment.bundle import TooLargeError, bundle
from contracts.containment.words import Side
from contracts.document import Json
from contracts.model import Node

_BACKTRACK = 100_000  # steps of a pattern before it is given up (fancy-regex counts them)
_DIALECTS = ("draft-04", "draft-06", "draft-07", "2019-09", "2020-12")


class Prover:
    """Validators of the schemas of one side, made on first use.

    The side of a writer accepts nothing where a reference is broken, that of a reader anything:
    so no proof rests on what cannot be read.
    """

    def __init__(self, side: Side, *, writes: bool) -> None:
        self._side = side
        self._writes = writes
        self._known: dict[tuple[str, ...], jsonschema_rs.Validator | None] = {}

    def accepts(self, nodes: tuple[Node, ...], value: Json) -> bool | None:
        """Whether all nodes accept the value; None when the validator cannot tell."""
        key = tuple(node.pointer for node in nodes)
        if key not in self._known:
            self._known[key] = self._make(nodes)
        validator = self._known[key]
        if validator is None:
            return None
        try:
            return bool(validator.is_valid(value))
        except ValueError:  # a pattern that is given up, or a number beyond its range
            return None

    def _make(self, nodes: tuple[Node, ...]) -> jsonschema_rs.Validator | None:
        whole = self._whole(nodes)
        if whole is not None:
            return whole
        try:
            return _compile(
                bundle(self._side, nodes, broken=not self._writes), formats=self._side.asserts
            )
        except TooLargeError:
            return None

    def _whole(self, nodes: tuple[Node, ...]) -> jsonschema_rs.Validator | None:
        """Return the validator of the document itself, where it is a JSON Schema."""
        root = self._side.resolver.document.root
        plain = not self._side.infers and [node.pointer for node in nodes] == [""]
        if not plain or not isinstance(root, dict):
            return None
        if not any(mark in str(root.get("$schema")) for mark in _DIALECTS):
            return None
        return _compile(root, formats=self._side.asserts)


def _compile(schema: dict[str, Json], *, formats: bool) -> jsonschema_rs.Validator | None:
    try:
        return jsonschema_rs.validator_for(
            json.loads(json.dumps(schema)),  # our numbers remember how they were written
            validate_formats=formats,
            formats={"byte": _is_base64} if formats else None,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK),
        )
    except (ValueError, RecursionError):
        return None


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
