"""`oasOpParams`: the parameters of an operation do not contradict each other."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result
from contracts.lint.oas.operations import items


def oas_op_params(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand unique parameters and, in Swagger 2.0, one body or form data but not both."""
    seen: dict[tuple[Json, Json], int] = {}
    places: dict[Json, list[int]] = defaultdict(list)
    for index, parameter in enumerate(items(value)):
        if not isinstance(parameter, dict):
            continue
        name, where = parameter.get("name"), parameter.get("in")
        if isinstance(where, str):
            places[where].append(index)
        if not isinstance(name, str) or not isinstance(where, str):
            continue
        if (where, name) in seen:
            text = 'A parameter in this operation already exposes the same combination of "name"'
            yield Result(f'{text} and "in" values.', (index,))
        seen.setdefault((where, name), index)
    if places["body"] and places["formData"]:
        yield Result('Operation must not have both "in:body" and "in:formData" parameters.')
    for index in places["body"][1:]:
        text = 'Operation must not have more than a single instance of the "in:body" parameter.'
        yield Result(text, (index,))
