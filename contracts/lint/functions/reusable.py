"""`unreferencedReusableObject`: definitions that nothing refers to."""

from collections.abc import Iterator, Mapping

from contracts import pointer as jp
from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Result


def unreferenced_reusable_object(
    value: Json, options: Mapping[str, Json], context: Context
) -> Iterator[Result]:
    """Demand a `$ref` to each member of the mapping at `reusableObjectsLocation` (`#/…`)."""
    location = opt.text(options, "reusableObjectsLocation")
    if location is None or not location.startswith("#"):
        raise opt.refusal("unreferencedReusableObject needs 'reusableObjectsLocation', like #/…")
    if not isinstance(value, dict):
        return
    # Referring to a part of a definition uses it too.
    base = jp.split(location[1:])
    used = set()
    for ref in context.references():
        tokens = jp.split(ref[1:]) if ref.startswith("#/") else ()
        if tokens[: len(base)] == base and len(tokens) > len(base):
            used.add(tokens[len(base)])
    for name in value:
        if name not in used:
            yield Result("Potential orphaned reusable object has been detected", (name,))
