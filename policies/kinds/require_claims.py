"""Conditions as authorisation: what must hold of the caller and of the call, beyond scopes."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from contracts import catalog
from contracts.problem import Problem
from policies.conditions.binding import bind
from policies.conditions.building import build
from policies.conditions.reading import ConditionError, read
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target

_EXAMPLE = """\
policy: european-callers
kind: require-claims
when: {client: [10.0.0.0/8]}
spec:
  require:
    claim.region: [eu, uk]
    header.x-channel: {not: [batch]}
"""


class RequireClaimsSpec(Spec):
    """Matchers as under `when`, by what they speak of; each must hold."""

    require: dict[str, Any] = Field(min_length=1, max_length=50)

    @field_validator("require")
    @classmethod
    def _readable(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, test in value.items():
            try:
                read({name: test})
            except ConditionError as error:
                raise ValueError(f"{error.pointer}: {error.sentence}") from None
        for name in ("environment", "plan", "time"):
            if name in value:
                raise ValueError(f"{name} is no claim; write it under `when` or `select`")
        return value


def compile_rule(spec: RequireClaimsSpec, target: Target) -> Compiled:
    """Return one condition per name. Raises what `bind` raises."""
    conditions = [
        {"name": name, "is": bind(read({name: test}), target, Stage.AUTHORISE, "", ())}
        for name, test in spec.require.items()
    ]
    return Compiled({"conditions": conditions}, target.operation.node.pointer)


class RequireClaims(RequestOnly):
    """Refuses with the name of the first condition that does not hold, never with its value."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._conditions = tuple(
            (build(entry["is"], _no_time), _denial(entry["name"]))
            for entry in settings["conditions"]
        )

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 403 at the first condition that does not hold."""
        del ports
        for holds, denial in self._conditions:
            if not holds(exchange):
                return denial
        return None


def _denial(name: str) -> Denial:
    sentence = f"The call does not meet the condition {name!r}."
    return Denial(Problem(catalog.CONDITION_NOT_MET, sentence, extensions={"condition": name}))


def _no_time() -> float:
    raise ValueError("a required condition does not speak of the time")


KIND = Kind(
    name="require-claims",
    stage=Stage.AUTHORISE,
    summary="Requires conditions over claims, headers and parameters; names the one that fails, never its value.",
    spec=RequireClaimsSpec,
    compile=compile_rule,
    build=RequireClaims,
    repeatable=True,
    example=_EXAMPLE,
    problems=(catalog.CONDITION_NOT_MET,),
)
