"""Schema validators that hostile input cannot slow down or send to the network.

Wraps `jsonschema`: unique items in linear time, no regular expressions from the document, a
budget of steps, and a registry that knows the specifications and nothing else.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from jsonschema import validators
from jsonschema.exceptions import ValidationError

# The package exports no other way to its metaschemas.
from openapi_schema_validator._specifications import REGISTRY
from openapi_spec_validator.schemas.utils import get_schema_content

from contracts.digest import canonical
from contracts.formats.detect import OPENAPI_30, OPENAPI_31, OPENAPI_32, SWAGGER_20

_VERSIONS = {OPENAPI_30: "3.0", OPENAPI_31: "3.1", OPENAPI_32: "3.2", SWAGGER_20: "2.0"}
_REFERENCES = frozenset(("$ref", "$dynamicRef", "$recursiveRef"))

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]
_extend: Callable[[Any, dict[str, Keyword]], Any] = validators.extend


class BudgetSpentError(Exception):
    """Checking a value takes more steps than a document is worth."""


class Budget:
    """Steps that the checks of one document may still take.

    Schemas can be entangled enough to keep a validator busy for years over a short text.
    """

    def __init__(self) -> None:
        self.left = 200_000

    def allow(self, steps: int) -> None:
        """Grant further steps: each value deserves a few of its own."""
        self.left += steps

    def spend(self, keyword: str, value: object) -> None:
        """Charge one keyword. Raises `BudgetSpentError`."""
        size = len(value) if isinstance(value, list | dict) else 0
        self.left -= 10 if keyword in _REFERENCES else 1 + size
        if self.left < 0:
            raise BudgetSpentError


def unique_items(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    """Yield an error for a repeated item; the library compares every pair of mappings."""
    unique = wanted is True and isinstance(instance, list)
    if unique and len({canonical(item) for item in instance}) < len(instance):
        yield ValidationError("items are not unique")


def ignored(*_: Any) -> Iterator[ValidationError]:
    """Yield nothing: patterns from a document could take exponential time (CWE-1333)."""
    yield from ()


def _charged(keyword: str, original: Keyword, budget: Budget) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        budget.spend(keyword, value)
        yield from original(validator, value, instance, schema)

    return check


def for_values(validator_class: Any, budget: Budget) -> Any:
    """Return a class for checking values against the schemas of a document."""
    keywords = validator_class.VALIDATORS | {"uniqueItems": unique_items}
    keywords |= dict.fromkeys(("pattern", "patternProperties"), ignored)
    changed = {name: _charged(name, original, budget) for name, original in keywords.items()}
    return _extend(validator_class, changed)


def for_schema(schema: Any) -> Any:
    """Return a validator of documents against a trusted schema; references stay local."""
    found = validators.validator_for(schema)
    return _extend(found, {"uniqueItems": unique_items})(schema, registry=REGISTRY)


@lru_cache(maxsize=8)
def specification(dialect: str) -> Any:
    """Return the validator of a whole OpenAPI or Swagger document."""
    return for_schema(get_schema_content(_VERSIONS[dialect]))


@lru_cache(maxsize=16)
def metaschema(uri: str) -> Any:
    """Return the validator of schemas in a dialect, or None when the dialect is not known."""
    unknown: Any = None
    found = validators.validator_for({"$schema": uri}, default=unknown)
    return for_schema(found.META_SCHEMA) if found else None
