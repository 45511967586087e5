"""Mapping documents: one shape into another, with golden examples, between two contract versions."""

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.document import Json
from orchestration.definition import Part, Slug, Text, Version
from orchestration.expression import NOWHERE, Expression, Frozen


class Side(Part):
    """What stands on one side: the request or response body of an operation, or an entity's schema.

    A source without a contract is made by the flow itself (an event, several results together).
    """

    contract: Slug
    version: Version
    operation: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] | None = None
    part: Literal["request", "response", "schema"] = "schema"


class Example(Part):
    """A golden example: the output is what the mapping must make of the input."""

    input: Any
    output: Any


class MappingDocument(Part):
    """A mapping as it is written."""

    mapping: Slug
    version: Version
    title: Text
    # What the expression reads, by name; one without a name is the whole input.
    source: dict[str, Side] = Field(default_factory=dict, max_length=10)
    target: Side | None = None
    expression: Annotated[str, Field(min_length=1, max_length=20_000)]
    examples: tuple[Example, ...] = Field(min_length=1, max_length=100)


class Mapping:
    """A mapping that is ready to be applied."""

    def __init__(self, document: MappingDocument) -> None:
        """Compile. Raises `ExpressionError`."""
        self.document = document
        self._expression = Expression(document.expression)

    def apply(self, value: Json, frozen: Frozen = NOWHERE) -> Json:
        """Return what the mapping makes of a value. Raises `ExpressionError`."""
        return self._expression.evaluate(value, frozen)
