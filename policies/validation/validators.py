"""Validators over the schemas of a snapshot, made when a call first needs them (jsonschema-rs)."""

import base64
import binascii
from collections.abc import Mapping

import jsonschema_rs

from contracts import pointer as jp
from contracts.document import Json
from contracts.problem import Detail

_ROOT = "urn:treaty:schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BACKTRACK = 100_000  # steps of a pattern before it is given up, which refuses the value
_MAX_ERRORS = 10


class Validators:
    """Judges values by the named schemas of one contract version."""

    def __init__(self, schemas: Mapping[str, object]) -> None:
        self._schemas = schemas
        self._registry: jsonschema_rs.Registry | None = None
        self._known: dict[str, jsonschema_rs.Validator] = {}

    def errors(self, name: str | bool, value: Json, at: str) -> tuple[Detail, ...]:
        """Return what is wrong with the value, each with a pointer below `at`.

        The sentences name the keyword of the contract, never the value (OWASP API3).
        """
        if isinstance(name, bool):
            return () if name else (Detail("nothing is allowed here", at),)
        validator = self._known.get(name)
        if validator is None:
            validator = self._known[name] = self._make(name)
        try:
            if validator.is_valid(value):
                return ()
            return _details(validator, value, at)
        except ValueError:  # a pattern that was given up, or a number beyond every range
            return (Detail("cannot be judged", at),)

    def _make(self, name: str) -> jsonschema_rs.Validator:
        if self._registry is None:
            root = {"$schema": _DIALECT, "$defs": dict(self._schemas)}
            self._registry = jsonschema_rs.Registry([(_ROOT, root)])
        return jsonschema_rs.validator_for(
            {"$schema": _DIALECT, "$ref": f"{_ROOT}#/$defs/{name}"},
            registry=self._registry,
            validate_formats=True,
            formats={"byte": _is_base64},
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK),
        )


def _details(validator: jsonschema_rs.Validator, value: Json, at: str) -> tuple[Detail, ...]:
    found: dict[Detail, None] = {}
    for error in validator.iter_errors(value):
        keyword = error.schema_path[-1] if error.schema_path else "the schema"
        place = jp.join(at, *(str(part) for part in error.instance_path))
        found[Detail(f"breaks `{keyword}`", place)] = None
        if len(found) >= _MAX_ERRORS:
            break
    return tuple(found)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
