"""Who sees what: the `reveal` entries of a mask policy, and the choice among them on a call."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from policies.conditions.building import build
from policies.conditions.reading import Condition, ConditionError, read
from policies.exchange import Exchange
from policies.kind import Spec
from policies.masking import CATEGORIES, SENSITIVITIES

_MOST = 20
_NONE: frozenset[int] = frozenset()


class Reveal(Spec):
    """Callers with all of `scopes` and one value of each of `claims`, in one of `environments`.

    They see these categories and sensitivities as `as` says. It only ever shows more than the
    contract's own masking; of several entries that fit, the one that shows most counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    scopes: tuple[str, ...] = Field(default=(), max_length=_MOST)
    # Only values that a claim must have: an absent claim never reveals anything.
    claims: dict[str, tuple[str | int | bool, ...]] = Field(default_factory=dict, max_length=_MOST)
    environments: tuple[str, ...] = Field(default=(), max_length=_MOST)
    categories: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
    technique: Literal["clear", "partial", "hash", "tokenize", "full"] = Field(
        default="clear", alias="as"
    )

    @field_validator("categories")
    @classmethod
    def _known_categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, CATEGORIES)

    @field_validator("sensitivity")
    @classmethod
    def _known_sensitivities(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, SENSITIVITIES)

    @model_validator(mode="after")
    def _for_somebody(self) -> "Reveal":
        if not (self.scopes or self.claims or self.environments):
            raise ValueError("say to whom: `scopes`, `claims` or `environments`")
        try:
            _condition(self.claims)
        except ConditionError as error:
            raise ValueError(f"claims{error.pointer}: {error.sentence}") from None
        return self

    def settings(self) -> dict[str, Any]:
        """Return the entry as the snapshot keeps it."""
        plain = self.model_dump(mode="json", include={"scopes", "categories", "sensitivity"})
        if self.claims:
            plain["claims"] = _condition(self.claims)
        if self.technique != "clear":
            plain["as"] = self.technique
        return plain


def _known(value: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [entry for entry in value if entry not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not one of {', '.join(known)}")
    return value


def _condition(claims: Mapping[str, tuple[str | int | bool, ...]]) -> Condition:
    return read({f"claim.{n}": list(v) for n, v in claims.items()}) if claims else {}


def chooser(reveal: list[dict[str, Any]]) -> Callable[[Exchange], frozenset[int]] | None:
    """Return which entries with claims fit a call, by number; None where no entry asks."""
    guards = tuple(
        (number, build(entry["claims"], _no_time))
        for number, entry in enumerate(reveal)
        if "claims" in entry
    )
    if not guards:
        return None

    def choose(exchange: Exchange) -> frozenset[int]:
        if not exchange.claims:
            return _NONE
        return frozenset(number for number, fits in guards if fits(exchange))

    return choose


def _no_time() -> float:
    raise ValueError("who sees what does not speak of the time")
