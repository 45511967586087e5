"""`pattern`: a regular expression that a text must, or must not, match."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint import regex, values
from contracts.lint.function import Context, Result


def pattern(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand that a text matches `match` and does not match `notMatch` (plain or `/re/flags`)."""
    match, unwanted = opt.text(options, "match"), opt.text(options, "notMatch")
    if match is None and unwanted is None:
        raise opt.refusal("pattern needs the option 'match' or 'notMatch'.")
    if not isinstance(value, str):
        return
    if match is not None and not regex.compiled(match)(value):
        yield Result(f'"{values.shown(value)}" must match the pattern "{match}"')
    if unwanted is not None and regex.compiled(unwanted)(value):
        yield Result(f'"{values.shown(value)}" must not match the pattern "{unwanted}"')
