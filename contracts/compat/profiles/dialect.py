"""Which keywords a draft knows, grouped by the type that they constrain; called by `reading`."""

import re
from enum import IntEnum

from contracts.document import Json


class Dialect(IntEnum):
    """The drafts of JSON Schema in the order of their publication."""

    DRAFT_04 = 4
    DRAFT_06 = 6
    DRAFT_07 = 7
    DRAFT_2019_09 = 8
    DRAFT_2020_12 = 9

    @property
    def modern(self) -> bool:
        """Whether keywords beside a `$ref` count (2019-09 and later)."""
        return self >= Dialect.DRAFT_2019_09


_URI = re.compile(r"https?://json-schema\.org/draft[-/](04|06|07|2019-09|2020-12)/.*")
_NAMES = {
    "04": Dialect.DRAFT_04,
    "06": Dialect.DRAFT_06,
    "07": Dialect.DRAFT_07,
    "2019-09": Dialect.DRAFT_2019_09,
    "2020-12": Dialect.DRAFT_2020_12,
}

STRING = frozenset({"minLength", "maxLength", "pattern", "format"})
NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
CONDITION = frozenset({"if", "then", "else"})
_ARRAY = frozenset({"items", "additionalItems", "minItems", "maxItems", "uniqueItems"})
_ARRAY_SINCE = {
    Dialect.DRAFT_06: frozenset({"contains"}),
    Dialect.DRAFT_2019_09: frozenset({"minContains", "maxContains", "unevaluatedItems"}),
    Dialect.DRAFT_2020_12: frozenset({"prefixItems"}),
}
_OBJECT = frozenset(
    {
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "dependencies",
        "patternProperties",
        "additionalProperties",
    }
)
_OBJECT_SINCE = {
    Dialect.DRAFT_06: frozenset({"propertyNames"}),
    Dialect.DRAFT_2019_09: frozenset(
        {"dependentRequired", "dependentSchemas", "unevaluatedProperties"}
    ),
}


def of(root: Json) -> Dialect:
    """Return the draft that `$schema` names; draft-07 where it names none that is known."""
    uri = root.get("$schema") if isinstance(root, dict) else None
    match = _URI.fullmatch(uri) if isinstance(uri, str) else None
    return _NAMES[match[1]] if match else Dialect.DRAFT_07


def array_keywords(dialect: Dialect) -> frozenset[str]:
    """Return the keywords that speak of arrays."""
    return _ARRAY.union(*(words for since, words in _ARRAY_SINCE.items() if dialect >= since))


def object_keywords(dialect: Dialect) -> frozenset[str]:
    """Return the keywords that speak of objects."""
    return _OBJECT.union(*(words for since, words in _OBJECT_SINCE.items() if dialect >= since))
