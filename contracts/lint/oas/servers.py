"""`serverVariables`: every `{variable}` of a server's URL is described, and the other way round."""

import re
from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Result
from contracts.lint.oas.operations import items, member, members

_VARIABLE = re.compile(r"\{(.+?)\}")


def server_variables(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand that variables and their descriptions agree; `requireDefault` asks for defaults."""
    if not isinstance(value, dict):
        return
    used = dict.fromkeys(_VARIABLE.findall(str(value.get("url", ""))))
    declared = dict(members(value.get("variables")))
    missing = [name for name in used if name not in declared]
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        text = (
            f'Not all server\'s variables are described with "variables" object. Missed: {names}.'
        )
        yield Result(text, ("variables",))
    for name in declared:
        if name not in used:
            text = f'Server\'s "variables" object has unused defined "{name}" url variable.'
            yield Result(text, ("variables", name))
    for name, variable in declared.items():
        default, allowed = member(variable, "default"), items(member(variable, "enum"))
        if opt.flag(options, "requireDefault") and default is None:
            text = f'Server Variable "{name}" has a missing default.'
            yield Result(text, ("variables", name))
        elif allowed and default is not None and default not in allowed:
            text = f'Server Variable "{name}" has a default not listed in the enum.'
            yield Result(text, ("variables", name, "default"))
