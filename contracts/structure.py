"""Which parts of a document have keywords, and which only hold names or plain data.

An `example` may contain `$ref` or `$id` as data, and a property may be called `enum`; whoever
looks for keywords (`refs`, `validate`, bundling) walks through here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts import pointer as jp
from contracts.document import Json

# The member under which `formats.bundle` keeps external texts.
BUNDLED = "x-bundled"
# Mappings from names to parts: their keys are nobody's keywords.
NAMES = frozenset(
    [
        "properties",
        "patternProperties",
        "dependentSchemas",
        "dependencies",
        "$defs",
        "definitions",
        "schemas",
        "responses",
        "parameters",
        "examples",
        "requestBodies",
        "headers",
        "securitySchemes",
        "securityDefinitions",
        "links",
        "callbacks",
        "pathItems",
        "mediaTypes",
        "paths",
        "webhooks",
        "content",
        "encoding",
        "additionalOperations",
        "channels",
        "operations",
        "messages",
        "messageTraits",
        "operationTraits",
        BUNDLED,
    ]
)
# Plain data: nothing inside has meaning to a specification.
DATA = frozenset(["example", "default", "enum", "const", "scopes", "mapping"])


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping whose keys are keywords; `under` is the keyword or mapping of names it hangs on."""

    pointer: str
    value: dict[str, Json]
    under: str


def reference(value: Json) -> str | None:
    """Return the text of `$ref` when the value is a reference."""
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str):
            return ref
    return None


def parts(root: Json) -> Iterator[Part]:
    """Yield every mapping that has keywords, parents before children, in document order."""
    stack: list[tuple[str, Json, str, bool]] = [("", root, "", False)]
    while stack:
        pointer, value, under, names = stack.pop()
        if isinstance(value, list):
            stack.extend(
                (jp.join(pointer, index), item, under, False)
                for index, item in reversed(list(enumerate(value)))
                if isinstance(item, dict | list)
            )
        elif isinstance(value, dict):
            if not names:
                yield Part(pointer, value, under)
            stack.extend(_members(pointer, value, under, names)[::-1])


def _members(
    pointer: str, value: dict[str, Json], under: str, names: bool
) -> list[tuple[str, Json, str, bool]]:
    if names:
        return [
            (jp.join(pointer, key), member, under, False)
            for key, member in value.items()
            if isinstance(member, dict | list) and not key.startswith("x-")
        ]
    found: list[tuple[str, Json, str, bool]] = []
    for key, member in value.items():
        if not isinstance(member, dict | list) or key in DATA:
            continue
        if key.startswith("x-") and key != BUNDLED:
            continue
        if key == "examples" and isinstance(member, list):
            continue
        if key == "value" and under == "examples":
            continue
        found.append(
            (jp.join(pointer, key), member, key, key in NAMES and isinstance(member, dict))
        )
    return found
