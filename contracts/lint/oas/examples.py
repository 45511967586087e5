"""Functions about examples and schemas: `oasExample`, `oasSchema`."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import jsonschema
from contracts.lint import options as opt
from contracts.lint.function import Context, Path, Result
from contracts.lint.oas.operations import member, members
from contracts.lint.oas.validators import Validators
from contracts.report import Direction

_SHOWN = ("example", "x-example", "default")


def oas_example(value: Json, options: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand that examples follow their schema.

    `type` schema: `example` and `default` beside the other keywords; `type` media: `exampleField`
    and each of `examples` follow the schema at `schemaField`.
    """
    if not isinstance(value, dict):
        return
    kind, field = opt.text(options, "type"), opt.text(options, "schemaField") or "$"
    inside: Path = () if field == "$" else (field,)
    place = context.source((*context.path, *inside))
    validators = Validators.of(context.document, context.memo)
    direction = _direction(context.path) if kind == "media" else Direction.NONE
    examples = _of_schema(value) if kind == "schema" else _of_media(value, options)
    for path, example in examples:
        found = validators.error(place, direction, example)
        if found is not None:
            yield Result(f'"{path[-1]}" property {found[0]}', (*path, *found[1]))


def _of_schema(value: dict[str, Json]) -> Iterator[tuple[Path, Json]]:
    for name in _SHOWN:
        if name in value:
            yield (name,), value[name]


def _of_media(value: dict[str, Json], options: Mapping[str, Json]) -> Iterator[tuple[Path, Json]]:
    field = opt.text(options, "exampleField") or "example"
    if field in value and field != "examples":
        yield (field,), value[field]
        return
    for name, example in members(value.get("examples")):
        if field == "examples":  # Swagger 2.0: by media type
            yield ("examples", name), example
        elif isinstance(example, dict) and "value" in example:
            yield ("examples", name, "value"), example["value"]


def _direction(path: Path) -> Direction:
    """Return which way a body travels: readOnly and writeOnly members depend on it."""
    if "requestBody" in path or "requestBodies" in path:
        return Direction.REQUEST
    return Direction.RESPONSE if "responses" in path else Direction.NONE


def oas_schema(value: Json, options: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand that a value follows the JSON Schema in the options, `nullable` being understood."""
    wanted = options.get("schema")
    if not isinstance(wanted, dict):
        raise opt.refusal("The function oasSchema needs the option 'schema', a JSON Schema.")
    if member(wanted, "nullable") is True and value is None and "oas3.0" in context.formats:
        return
    for error in jsonschema.compiled(wanted)(value):
        yield error
        return
