"""`oasDiscriminator`: the property that tells schemas apart is always there (Swagger 2.0)."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint.function import Context, Result
from contracts.lint.oas.operations import items, member


def oas_discriminator(value: Json, _: Mapping[str, Json], __: Context) -> Iterator[Result]:
    """Demand that the discriminator is a declared and required property."""
    name = member(value, "discriminator")
    if not isinstance(name, str):
        return
    properties = member(value, "properties")
    if not isinstance(properties, dict) or name not in properties:
        yield Result("The discriminator property must be defined in this schema.", ("properties",))
    if name not in items(member(value, "required")):
        yield Result(
            "The discriminator property must be in the required property list.", ("required",)
        )
