"""`oasUnusedComponent`: components that nothing refers to (OpenAPI 3)."""

from collections.abc import Iterator, Mapping

from contracts import pointer as jp
from contracts.document import Json
from contracts.lint.function import Context, Result
from contracts.lint.oas.operations import member, members

_KINDS = ("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links",
          "callbacks")  # fmt: skip


def oas_unused_component(value: Json, _: Mapping[str, Json], context: Context) -> Iterator[Result]:
    """Demand a `$ref` to each component; schemas may also be named by a discriminator's mapping."""
    used = {jp.split(ref[1:])[:3] for ref in context.references() if ref.startswith("#/")}
    used |= {("components", "schemas", name) for name in _mapped(value)}
    components = member(value, "components")
    for kind in _KINDS:
        for name, _each in members(member(components, kind)):
            if ("components", kind, name) not in used:
                text = "Potentially unused component has been detected."
                yield Result(text, ("components", kind, name))


def _mapped(root: Json) -> Iterator[str]:
    stack = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for _, target in members(member(value.get("discriminator"), "mapping")):
                yield str(target).rpartition("/")[2]
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
