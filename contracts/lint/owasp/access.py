"""`restricted` and `adminApart`: who may call an operation (API2 and API5 of 2023)."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Path, Result

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def restricted(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand that nobody calls an operation without credentials."""
    if not isinstance(value, dict):
        return
    demands = _demands(value, context.root)
    if not isinstance(demands, list) or not any(demands) or {} in demands:
        yield Result("the operation may be called without credentials")


def admin_apart(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand that paths holding `marker` demand something that no other path demands."""
    marker = opt.text(options, "marker") or ""
    operations = list(_operations(value))
    public = [_demands(each, value) for path, each in operations if not _marked(path, marker)]
    for path, operation in operations:
        demands = _demands(operation, value)
        if _marked(path, marker) and demands and demands in public:
            yield Result("the operation for administrators demands what others demand", path)


def _marked(path: Path, marker: str) -> bool:
    return marker in str(path[1]).lower().split("/")


def _demands(operation: dict[str, Json], root: Json) -> Json:
    return operation.get("security", root.get("security") if isinstance(root, dict) else None)


def _operations(root: Json) -> Iterator[tuple[Path, dict[str, Json]]]:
    paths = root.get("paths") if isinstance(root, dict) else None
    for name, item in (paths if isinstance(paths, dict) else {}).items():
        for method in _METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if isinstance(operation, dict):
                yield ("paths", name, method), operation
