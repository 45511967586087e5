"""Parameters from text to values, by location, style and schema (OpenAPI 3.1 section 4.8.12)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Contract, Node, Operation, Parameter
from contracts.problem import Detail
from contracts.refs import Resolver
from orchestration.schemas import Schemas

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,2})?")
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tsv": "\t"}
# Headers that HTTP itself owns; declaring them as parameters means nothing (section 4.8.12.1).
_IGNORED = {"accept", "content-type", "authorization"}


@dataclass(frozen=True, slots=True)
class Raw:
    """What a request brought, before the contract was asked."""

    path: Mapping[str, str]
    query: str
    headers: Mapping[str, str]


class Parameters:
    """Decodes and judges the parameters of one contract's operations."""

    def __init__(self, contract: Contract, schemas: Schemas) -> None:
        self._resolver, self._schemas = Resolver(contract.document), schemas

    def decode(self, operation: Operation, raw: Raw) -> tuple[dict[str, Json], tuple[Detail, ...]]:
        """Return values by parameter name, and what is wrong with them."""
        pairs = parse_qsl(raw.query, keep_blank_values=True)
        values: dict[str, Json] = {}
        errors: list[Detail] = []
        known = {p.name for p in operation.parameters if p.location == "query"}
        # `filter[state]=open` belongs to the deepObject parameter `filter`.
        for name in sorted({n for n, _ in pairs if n.partition("[")[0] not in known} - known):
            errors.append(
                Detail("the contract does not declare this parameter", f"/query/{name[:80]}")
            )
        for parameter in operation.parameters:
            at = f"/{parameter.location}/{parameter.name}"
            texts = _texts(parameter, raw, pairs)
            if not texts:
                if parameter.required:
                    errors.append(Detail("this parameter is required", at))
                continue
            value = self._value(parameter, texts)
            values[parameter.name] = value
            errors += self._schemas.errors(parameter.schema, value, writing=True, at=at)
        return values, tuple(errors)

    def _value(self, parameter: Parameter, texts: list[str]) -> Json:
        types = self._types(parameter.schema)
        if "array" not in types:
            # A second value would be ignored by one reader and taken by another.
            return _scalar(texts[0], types) if len(texts) == 1 else [*texts]
        if parameter.explode and parameter.location == "query":
            parts = texts
        else:
            parts = texts[-1].split(_SEPARATORS.get(parameter.style, ","))
        items = self._types(self._items(parameter.schema))
        return [_scalar(part, items) for part in parts]

    def _items(self, schema: Node | None) -> Node | None:
        if schema is None:
            return None
        try:
            found = self._resolver.resolve(schema)
            return self._resolver.child(found, "items")
        except (TreatyError, LookupError):
            return None

    def _types(self, schema: Node | None) -> set[str]:
        """Return the types a schema names, through references and composition."""
        if schema is None:
            return set()
        try:
            found = self._resolver.resolve(schema)
        except TreatyError:
            return set()
        value = found.value if isinstance(found.value, dict) else {}
        stated = value.get("type")
        types = (
            {stated} if isinstance(stated, str) else set(stated if isinstance(stated, list) else ())
        )
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches = value.get(keyword)
            for index in range(len(branches) if isinstance(branches, list) else 0):
                branch = Node(f"{found.pointer}/{keyword}/{index}", branches[index])  # type: ignore[index]  # counted above
                types |= self._types(branch)
        return {str(name) for name in types}


def _texts(parameter: Parameter, raw: Raw, pairs: list[tuple[str, str]]) -> list[str]:
    if parameter.location == "query":
        return [value for name, value in pairs if name == parameter.name]
    if parameter.location == "path":
        found = raw.path.get(parameter.name)
        return [unquote(found)] if found is not None else []
    if parameter.location == "header":
        found = raw.headers.get(parameter.name.lower())
        return [found] if found is not None and parameter.name.lower() not in _IGNORED else []
    cookies = dict(
        part.strip().partition("=")[::2] for part in raw.headers.get("cookie", "").split(";")
    )
    return [cookies[parameter.name]] if parameter.name in cookies else []


def _scalar(text: str, types: set[str]) -> Json:
    """Return the text as the first type that it reads as; else the text, for the schema to refuse."""
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text) if not _INTEGER.fullmatch(text) else int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return None if "null" in types and text in ("", "null") and "string" not in types else text
