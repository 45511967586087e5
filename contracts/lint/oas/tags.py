"""Functions about tags: `oasTagDefined`, `uniquenessTags`."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result
from contracts.lint.oas.operations import items, member, operations


def oas_tag_defined(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand that each tag of an operation is in the global `tags`."""
    names = [member(tag, "name") for tag in items(member(value, "tags"))]
    for path, operation in operations(value):
        for index, tag in enumerate(items(operation.get("tags"))):
            if tag not in names:
                yield Result(
                    "Operation tags must be defined in global tags.", (*path, "tags", index)
                )


def uniqueness_tags(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand that no two global tags have the same name; each later one is named."""
    seen: list[Json] = []
    for index, tag in enumerate(items(value)):
        name = member(tag, "name")
        if name is None:
            continue
        if name in seen:
            yield Result(f'"tags" object contains duplicate tag name "{name}".', (index, "name"))
        seen.append(name)
