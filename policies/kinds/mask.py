"""What the caller may see: response members by their classification in the contract.

The contract says what a value is (`x-data-classification`, the OpenAPI Initiative's extension
registry); the policy says who may see it. What cannot be judged is withheld.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator

from contracts import catalog
from contracts.document import Json
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.jsontext import NotJsonError, parse, write
from policies.kind import Compiled, Kind, ResponseOnly, Spec, Stage, Target
from policies.masking import CATEGORIES, SENSITIVITIES
from policies.maskprogram import compile_program
from policies.maskview import View

_MAX_VIEWS = 256
_PARTIAL_CONTENT = 206


class Reveal(Spec):
    """Callers with all of `scopes` see these categories and sensitivities in clear."""

    scopes: tuple[str, ...] = Field(min_length=1, max_length=20)
    categories: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()

    @field_validator("categories")
    @classmethod
    def _known_categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, CATEGORIES)

    @field_validator("sensitivity")
    @classmethod
    def _known_sensitivities(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _known(value, SENSITIVITIES)


def _known(value: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [entry for entry in value if entry not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not one of {', '.join(known)}")
    return value


class MaskSpec(Spec):
    """Classified values are masked unless a `reveal` entry shows them."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: Literal["classification"] = Field(default="classification", alias="from")
    reveal: tuple[Reveal, ...] = Field(default=(), max_length=50)
    unparseable: Literal["refuse"] = "refuse"


def compile_rule(spec: MaskSpec, target: Target) -> Compiled | None:
    """Return the mask program, or None where no response holds anything classified."""
    program = compile_program(target.contract, target.operation, target.schemas.resolver)
    if program is None:
        return None
    reveal = [entry.model_dump(mode="json") for entry in spec.reveal]
    return Compiled({"reveal": reveal, **program}, target.operation.node.pointer)


def scopes_named(spec: MaskSpec) -> tuple[str, ...]:
    """Return every scope that reveals something."""
    return tuple(scope for entry in spec.reveal for scope in entry.scopes)


class Mask(ResponseOnly):
    """One view per set of revealing scopes, built when it is first needed."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._relevant = frozenset(scope for e in settings["reveal"] for scope in e["scopes"])
        self._views: dict[frozenset[str], View] = {}

    def on_response(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Replace the body by the caller's view of it; withhold what cannot be masked."""
        if not exchange.response_body:
            return None
        view = self._view(exchange.scopes)
        headers = exchange.response_headers
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        nodes = view.entry(exchange.status, media)
        if nodes is None:
            return None
        if exchange.status == _PARTIAL_CONTENT or "content-range" in headers:
            return _withhold("it is a part of a body")
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return _withhold("it is compressed")
        if media != "application/json" and not media.endswith("+json"):
            return _withhold("it is not JSON")
        try:
            value = parse(exchange.response_body)
            shown = view.apply(value, nodes, ports.pseudonym)
            exchange.response_body = _unchanged_or(exchange.response_body, value, shown)
        except NotJsonError:
            return _withhold("it is not JSON that everybody reads alike")
        except RecursionError:
            return _withhold("it is nested too deep")
        return None

    def _view(self, scopes: frozenset[str]) -> View:
        held = scopes & self._relevant
        view = self._views.get(held)
        if view is None:
            if len(self._views) >= _MAX_VIEWS:
                self._views.clear()
            view = self._views[held] = View(self._settings, held)
        return view


def _unchanged_or(body: bytes, value: Json, shown: Json) -> bytes:
    return body if shown is value else write(shown)


def _withhold(why: str) -> Denial:
    return Denial(
        Problem(
            catalog.RESPONSE_NOT_MASKABLE,
            f"The upstream's answer holds classified values and cannot be masked: {why}.",
        )
    )


_EXAMPLE = """\
policy: personal-data-for-staffing
kind: mask
spec:
  from: classification
  reveal:
    - {scopes: [projects.personal], categories: [PII, contact]}
"""

KIND = Kind(
    name="mask",
    stage=Stage.MASK,
    summary="Masks response members by `x-data-classification`; `reveal` says who sees what.",
    spec=MaskSpec,
    compile=compile_rule,
    build=Mask,
    example=_EXAMPLE,
    problems=(catalog.RESPONSE_NOT_MASKABLE,),
    scopes=scopes_named,
    needs_response_body=True,
    changes_response=True,
    when="guarded",
)
