"""`offersPagination`: a list that may grow is read in pages."""

import re
from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result

_PAGING = re.compile(
    r"\$?(?:page|cursor|offset|limit|top|skip|after|before|start|count|from|size|next)"
    r"(?:[-_]?(?:token|size|number|index|key|id|cursor|offset|limit|after|before))?"
    r"|(?:per|max|page|items)[-_]?(?:page|results|items|size|count|per[-_]?page)|starting[-_]?after",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"page\[[a-z]+\]", re.IGNORECASE)


def offers_pagination(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand a paging parameter on a GET of a path item that answers with a list."""
    if not isinstance(value, dict) or not isinstance(operation := value.get("get"), dict):
        return
    if not _lists(operation) or any(_pages(each) for each in _parameters(value, operation)):
        return
    yield Result("the list has no parameter to read it in pages", ("get",))


def _parameters(*holders: dict[str, Json]) -> Iterator[Json]:
    for holder in holders:
        listed = holder.get("parameters")
        yield from listed if isinstance(listed, list) else []


def _pages(parameter: Json) -> bool:
    name = parameter.get("name") if isinstance(parameter, dict) else None
    if not isinstance(name, str):
        return False
    return bool(_PAGING.fullmatch(name) or _BRACKETED.fullmatch(name))


def _lists(operation: dict[str, Json]) -> bool:
    responses = operation.get("responses")
    answer = responses.get("200") if isinstance(responses, dict) else None
    if not isinstance(answer, dict):
        return False
    content = answer.get("content")
    holders = list(content.values()) if isinstance(content, dict) else [answer]
    return any(_is_list(each.get("schema")) for each in holders if isinstance(each, dict))


def _is_list(schema: Json) -> bool:
    """Return whether a body is a list of objects, bare or as the one list in an envelope."""
    if not isinstance(schema, dict):
        return False
    if schema.get("type") == "array":
        return _objects(schema)
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return False
    lists = [each for each in properties.values() if _is_array(each)]
    return len(lists) == 1 and _objects(lists[0])


def _is_array(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "array"


def _objects(schema: Json) -> bool:
    items = schema.get("items") if isinstance(schema, dict) else None
    if not isinstance(items, dict):
        return False
    return items.get("type") == "object" or bool({"properties", "allOf", "oneOf"} & set(items))
