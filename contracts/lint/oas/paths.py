"""`oasPathParam`: every `{name}` in a path has its parameter, and the other way round."""

import re
from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Path, Result
from contracts.lint.oas.operations import METHODS, items, member, members

_NAME = re.compile(r"\{([^{}?]+)\??\}")
Found = dict[str, Path]


def oas_path_param(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand that templates and path parameters agree, and that no two paths are the same."""
    shapes: dict[str, str] = {}
    for path, item in members(member(value, "paths")):
        if not isinstance(item, dict):
            continue
        shape = _NAME.sub("%", path)
        if shape in shapes:
            text = f'Paths "{shapes[shape]}" and "{path}" must not be equivalent.'
            yield Result(text, ("paths", path))
        else:
            shapes[shape] = path
        yield from _path(path, item)


def _path(path: str, item: dict[str, Json]) -> Iterator[Result]:
    names: list[str] = []
    for name in _NAME.findall(path):
        if name in names:
            text = f'Path "{path}" must not use parameter "{{{name}}}" multiple times.'
            yield Result(text, ("paths", path))
        else:
            names.append(name)
    shared: Found = {}
    yield from _parameters(item.get("parameters"), ("paths", path, "parameters"), shared)
    for method, operation in item.items():
        if method not in METHODS or not isinstance(operation, dict):
            continue
        at: Path = ("paths", path, method, "parameters")
        own: Found = {}
        yield from _parameters(operation.get("parameters"), at, own)
        declared = {**shared, **own}
        for name in names:
            if name not in declared:
                text = f'Operation must define parameter "{{{name}}}" as expected by path "{path}".'
                yield Result(text, ("paths", path, method))
        for name, place in declared.items():
            if name not in names:
                text = f'Parameter "{name}" must be used in path "{path}".'
                yield Result(text, place)


def _parameters(value: Json, at: Path, found: Found) -> Iterator[Result]:
    """Collect the path parameters; yield what is wrong with each."""
    for index, parameter in enumerate(items(value)):
        if not isinstance(parameter, dict) or parameter.get("in") != "path":
            continue
        name = parameter.get("name")
        if not isinstance(name, str) or not name:
            continue
        place = (*at, index)
        if parameter.get("required") is not True:
            text = f'Path parameter "{name}" must have "required" property that is set to "true".'
            yield Result(text, place)
        if name in found:
            yield Result(f'Path parameter "{name}" must not be defined multiple times.', place)
        else:
            found[name] = place
