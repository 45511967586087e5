"""`schema`: a value that a JSON Schema in the ruleset accepts."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import jsonschema
from contracts.lint import options as opt
from contracts.lint.function import MISSING, Context, Result, named


def schema(value: Json, options: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand that `schema` accepts the value; the first error, or with `allErrors` all of them."""
    wanted = options.get("schema")
    if not isinstance(wanted, dict | bool):
        raise opt.refusal("The function schema needs the option 'schema', a JSON Schema.")
    if value is MISSING:
        yield Result(f"{named(context)} must exist")
        return
    check = jsonschema.compiled(wanted, opt.text(options, "dialect") or "auto")
    for error in check(value):
        yield error
        if not opt.flag(options, "allErrors"):
            return
