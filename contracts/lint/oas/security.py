"""`oasSecurityDefined`: what an operation demands is a scheme of the document."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Path, Result
from contracts.lint.oas.operations import items, member, members, operations
from contracts.lint.tree import walk


def oas_security_defined(
    value: Json, options: Mapping[str, Json], context: Context
) -> Iterator[Result]:
    """Demand that schemes and, for OAuth 2, scopes are declared below `schemesPath`."""
    path = tuple(str(step) for step in items(options.get("schemesPath")))
    found = walk(value, path)
    schemes = found if isinstance(found, dict) else {}
    yield from _demands(member(value, "security"), ("security",), schemes, context)
    for place, operation in operations(value):
        yield from _demands(operation.get("security"), (*place, "security"), schemes, context)


def _demands(
    value: Json, at: Path, schemes: Mapping[str, Json], context: Context
) -> Iterator[Result]:
    for index, demand in enumerate(items(value)):
        for name, scopes in members(demand):
            if name not in schemes:
                where = "components/securitySchemes" if "oas3" in context.formats else "definitions"
                text = 'Operation "security" values must match a scheme defined in the'
                yield Result(f'{text} "{where}" object.', (*at, index, name))
                continue
            known = _scopes(schemes[name])
            for position, scope in enumerate(items(scopes) if known is not None else []):
                if known is not None and scope not in known:
                    text = f'"{scope}" must be listed among scopes.'
                    yield Result(text, (*at, index, name, position))


def _scopes(scheme: Json) -> list[str] | None:
    """Return the scopes that an OAuth 2 scheme declares; None for schemes without scopes."""
    if member(scheme, "type") != "oauth2":
        return None
    flows = [flow for _, flow in members(member(scheme, "flows"))]
    sources = [member(flow, "scopes") for flow in (scheme, *flows)]
    return [name for source in sources for name, _ in members(source)]
