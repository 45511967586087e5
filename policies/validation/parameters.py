"""All parameters of an operation: compiled to plain settings, then read off calls and judged."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Node, Operation, Parameter
from contracts.problem import Detail
from contracts.refs import Resolver
from contracts.report import Direction
from policies.jsontext import NotJsonError, parse
from policies.validation.styles import (
    ParameterError,
    Shape,
    header_value,
    path_value,
    query_value,
)
from policies.validation.table import SchemaTable
from policies.validation.validators import Validators

# Headers that HTTP itself owns; declaring them as parameters means nothing (section 4.8.12.1).
_IGNORED = frozenset({"accept", "content-type", "authorization"})
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_BRANCHES = ("allOf", "anyOf", "oneOf")
_MAX_PAIRS = 1_000
_MAX_DEPTH = 20


def compile_parameters(operation: Operation, schemas: SchemaTable) -> list[dict[str, Any]]:
    """Return the settings of each parameter. Raises `TreatyError` for a broken reference."""
    return [
        _settings(parameter, schemas)
        for parameter in operation.parameters
        if parameter.location != "header" or parameter.name.lower() not in _IGNORED
    ]


def _settings(parameter: Parameter, schemas: SchemaTable) -> dict[str, Any]:
    content = parameter.content[0] if parameter.content else None
    schema = parameter.schema if content is None else content.schema
    return {
        "in": parameter.location,
        "name": parameter.name,
        "required": parameter.required or parameter.location == "path",
        "style": parameter.style,
        "explode": parameter.explode,
        "json": content is not None,
        "empty": parameter.allow_empty,
        "schema": schemas.name(schema, Direction.REQUEST),
    } | shape_of(schema, schemas.resolver)


def shape_of(schema: Node | None, resolver: Resolver) -> dict[str, Any]:
    """Return what `styles.Shape` needs to know of a schema, as plain data."""
    types, items, members = set[str](), set[str](), dict[str, set[str]]()
    for value in _parts(schema, resolver, 0):
        types |= _types(value.value)
        item = _child(resolver, value, "items")
        items |= _all_types(item, resolver)
        properties = value.value.get("properties") if isinstance(value.value, dict) else None
        for name in properties if isinstance(properties, dict) else ():
            child = _child(resolver, value, "properties", name)
            members.setdefault(name, set()).update(_all_types(child, resolver))
    if members and not types:
        types.add("object")
    return {
        "types": sorted(types),
        "items": sorted(items),
        "members": {name: sorted(found) for name, found in sorted(members.items())},
    }


def _parts(schema: Node | None, resolver: Resolver, depth: int) -> Iterable[Node]:
    """Yield the schema, and what its references and branches lead to."""
    if schema is None or depth > _MAX_DEPTH:
        return
    schema = resolver.resolve(schema)
    yield schema
    value = schema.value if isinstance(schema.value, dict) else {}
    for keyword in _BRANCHES:
        branches = value.get(keyword)
        for index in range(len(branches) if isinstance(branches, list) else 0):
            yield from _parts(_child(resolver, schema, keyword, index), resolver, depth + 1)


def _child(resolver: Resolver, node: Node, *path: str | int) -> Node | None:
    for part in path:
        try:
            node = resolver.child(node, part)
        except (TreatyError, LookupError, TypeError):
            return None
    return node


def _all_types(schema: Node | None, resolver: Resolver) -> set[str]:
    return {name for part in _parts(schema, resolver, 0) for name in _types(part.value)}


def _types(value: Json) -> set[str]:
    if not isinstance(value, dict):
        return set()
    stated = value.get("type")
    found = {stated} if isinstance(stated, str) else set(stated if isinstance(stated, list) else ())
    if value.get("nullable") is True:
        found.add("null")
    return {str(name) for name in found}


class Parameters:
    """Reads and judges the parameters of one operation."""

    def __init__(
        self, template: str, settings: Iterable[Mapping[str, Any]], *, closed: bool
    ) -> None:
        """Take the path template; `closed` refuses query parameters that nobody declares."""
        self._all = [_Read(entry) for entry in settings]
        self._closed = closed
        self._query_names = {r.name for r in self._all if r.location == "query"}
        self._query_members = {
            member
            for r in self._all
            if r.location == "query" and r.shape.is_object and r.explode
            for member in r.shape.members or {}
        }
        self._reads_query = closed or any(r.location == "query" for r in self._all)
        self._reads_path = any(r.location == "path" for r in self._all)
        names = _TEMPLATE.findall(template)
        pieces = [re.escape(piece) for piece in _TEMPLATE.split(template)[::2]]
        self._template = re.compile("([^/]+)".join(pieces))
        self._names = names

    def judge(
        self, path: str, query: str, headers: Mapping[str, str], validators: Validators
    ) -> list[Detail]:
        """Return what is wrong with the parameters of a call."""
        if not self._all and not self._closed:
            return []
        pairs = _pairs(query) if self._reads_query and query else {}
        if pairs is None:
            return [Detail("the query is malformed", "/query")]
        found = self._undeclared(pairs) if self._closed else []
        values = self._path_values(path) if self._reads_path else {}
        for parameter in self._all:
            found += parameter.judge(values, pairs, headers, validators)
        return found

    def _path_values(self, path: str) -> dict[str, str]:
        match = self._template.fullmatch(path)
        return {} if match is None else dict(zip(self._names, match.groups(), strict=True))

    def _undeclared(self, pairs: Mapping[str, list[str]]) -> list[Detail]:
        known = self._query_names | self._query_members
        return [
            Detail("the contract does not declare a parameter that was sent", "/query")
            for name in pairs
            if name not in known and name.partition("[")[0] not in self._query_names
        ][:1]


class _Read:
    """One parameter, ready to be read off calls."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.location: str = settings["in"]
        self.name: str = settings["name"]
        self.explode: bool = settings["explode"]
        self.shape = Shape.read(settings)
        self._style: str = settings["style"]
        self._json: bool = settings["json"]
        self._empty: bool = settings["empty"]
        self._schema: str | bool = settings["schema"]
        self._at = f"/{self.location}/{self.name}"
        self._missing = [Detail("is required", self._at)] if settings["required"] else []

    def judge(
        self,
        path: Mapping[str, str],
        pairs: Mapping[str, list[str]],
        headers: Mapping[str, str],
        validators: Validators,
    ) -> list[Detail] | tuple[Detail, ...]:
        try:
            sent, value = self._value(path, pairs, headers)
        except (ParameterError, NotJsonError, UnicodeDecodeError) as error:
            sentence = str(error) if isinstance(error, ParameterError) else "it cannot be read"
            return [Detail(sentence, self._at)]
        if not sent:
            return self._missing
        if value == "" and self._empty:
            return []
        return validators.errors(self._schema, value, self._at)

    def _value(
        self, path: Mapping[str, str], pairs: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> tuple[bool, Json]:
        text: str | None
        if self.location == "query":
            return self._of_pairs(pairs)
        if self.location == "cookie":
            return self._of_pairs(_cookies(headers.get("cookie", "")))
        if self.location == "path":
            text = path.get(self.name)
            if text is None or self._json:
                return text is not None, None if text is None else parse(unquote(text).encode())
            return True, path_value(text, self.name, self._style, self.explode, self.shape)
        text = headers.get(self.name.lower())
        if text is None:
            return False, None
        if self._json:
            return True, parse(text.encode("latin-1", "replace"))
        return True, header_value(text, self.explode, self.shape)

    def _of_pairs(self, pairs: Mapping[str, list[str]]) -> tuple[bool, Json]:
        if self._json:
            texts = pairs.get(self.name, [])
            if len(texts) > 1:
                raise ParameterError("it is sent twice")
            return bool(texts), parse(
                unquote(texts[0].replace("+", " ")).encode()
            ) if texts else None
        value = query_value(pairs, self.name, self._style, self.explode, self.shape)
        return value is not None, value


def _pairs(query: str) -> dict[str, list[str]] | None:
    """Return the raw values by decoded name; None for a query that cannot be read in one way."""
    found: dict[str, list[str]] = {}
    parts = query.split("&")
    if len(parts) > _MAX_PAIRS:
        return None
    for part in parts:
        if part:
            name, _, value = part.partition("=")
            try:
                name = unquote(name.replace("+", " "), errors="strict")
                unquote(value, errors="strict")
            except UnicodeDecodeError:
                return None
            found.setdefault(name, []).append(value)
    return found


def _cookies(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, []).append(value)
    return found
