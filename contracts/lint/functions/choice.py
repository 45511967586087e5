"""`or` and `xor`: at least one, or exactly one, of several members."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Result


def either(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand at least one of `properties`."""
    names = opt.texts(options, "properties")
    if isinstance(value, dict) and not any(name in value for name in names):
        yield Result(f"At least one of {_listed(names, 'or')} must be defined")


def exactly_one(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand exactly one of `properties`."""
    names = opt.texts(options, "properties")
    if not isinstance(value, dict):
        return
    found = [name for name in names if name in value]
    if not found:
        yield Result(f"At least one of {_listed(names, 'or')} must be defined")
    elif len(found) > 1:
        yield Result(f"Just one of {_listed(names, 'and')} must be defined")


def _listed(names: tuple[str, ...], word: str) -> str:
    quoted = [f'"{name}"' for name in names]
    return f" {word} ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))
