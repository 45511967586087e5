"""What the caller may see: response members by their classification in the contract.

The contract says what a value is (`x-data-classification`, the OpenAPI Initiative's extension
registry); the policy says who may see it. What cannot be judged is withheld.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, Field

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.jsontext import NotJsonError, parse, write
from policies.kind import Compiled, Filter, Kind, ResponseOnly, Spec, Stage, Target
from policies.masking import masked
from policies.maskprogram import compile_program
from policies.maskrecords import EVENTS, RECORDS, SEQUENCE, EventFilter, SeparatedFilter
from policies.maskreveal import Reveal, chooser
from policies.maskview import Nodes, View

_MAX_VIEWS = 256
_PARTIAL_CONTENT = 206


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
    reveal = [
        entry.settings()
        for entry in spec.reveal
        if not entry.environments or target.environment in entry.environments
    ]
    return Compiled({"reveal": reveal, **program}, target.operation.node.pointer)


def scopes_named(spec: MaskSpec) -> tuple[str, ...]:
    """Return every scope that reveals something."""
    return tuple(scope for entry in spec.reveal for scope in entry.scopes)


class Mask(ResponseOnly):
    """One view per set of revealing scopes and claims, built when it is first needed."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._relevant = frozenset(scope for e in settings["reveal"] for scope in e["scopes"])
        self._choose = chooser(settings["reveal"])
        self._views: dict[object, View] = {}

    def on_response(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Replace body and headers by the caller's view; withhold what cannot be masked."""
        view = self._view(exchange)
        if view.headers:
            exchange.shown_headers += shown_headers(view, exchange, ports)
        if not exchange.response_body:
            return None
        media = _media(exchange)
        if media in RECORDS:
            return self._all_records(exchange, ports)
        nodes = view.entry(exchange.status, media)
        if nodes is None:
            return None
        partial = _not_whole(exchange)
        if partial is not None:
            return partial
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

    def filter(self, exchange: Exchange, ports: Ports) -> Filter | Denial | None:
        """Return the filter for a stream of records; None where nothing is hidden from the caller."""
        media = _media(exchange)
        view = self._view(exchange)
        if view.headers:
            exchange.shown_headers += shown_headers(view, exchange, ports)
        nodes = view.record_entry(exchange.status, media)
        if nodes is None:
            return None
        partial = _not_whole(exchange)
        if partial is not None:
            return partial
        if media not in RECORDS:
            return _withhold("it is a stream of an unknown kind")
        return _record_filter(media, view, nodes, ports)

    def _all_records(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Mask records that came as one body."""
        opened = self.filter(exchange, ports)
        if opened is None or isinstance(opened, Denial):
            return opened
        body = exchange.response_body or b""
        try:
            shown = opened.feed(body) + opened.end()
        except TreatyError as error:
            return Denial(error.problem)
        if shown != body:
            exchange.response_body = shown
        return None

    def _view(self, exchange: Exchange) -> View:
        held = exchange.scopes & self._relevant
        if self._choose is None:
            view = self._views.get(held)
            return self._made(held, held) if view is None else view
        met = self._choose(exchange)
        view = self._views.get((held, met))
        return self._made((held, met), held, met) if view is None else view

    def _made(self, key: object, held: frozenset[str], met: frozenset[int] = frozenset()) -> View:
        if len(self._views) >= _MAX_VIEWS:
            self._views.clear()
        view = self._views[key] = View(self._settings, held, met)
        return view


def shown_headers(
    view: View, exchange: Exchange, ports: Ports
) -> tuple[tuple[str, str | None], ...]:
    """Return the classified headers of the answer as the caller sees them."""
    found: list[tuple[str, str | None]] = []
    for name, leaf in view.headers.items():
        if name in exchange.response_headers:
            shown = masked(exchange.response_headers[name], leaf, ports.pseudonym)
            text = shown if isinstance(shown, str) else None
            # A field value is one line of visible ASCII, whatever a pattern made of it.
            found.append((name, text if text and text.isascii() and text.isprintable() else None))
    return tuple(found)


def _media(exchange: Exchange) -> str:
    return exchange.response_headers.get("content-type", "").partition(";")[0].strip().lower()


def _not_whole(exchange: Exchange) -> Denial | None:
    headers = exchange.response_headers
    if exchange.status == _PARTIAL_CONTENT or "content-range" in headers:
        return _withhold("it is a part of a body")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        return _withhold("it is compressed")
    return None


def _record_filter(media: str, view: View, nodes: Nodes, ports: Ports) -> Filter:
    def show(value: Json) -> Json:
        return view.apply(value, nodes, ports.pseudonym)

    if media == EVENTS:
        return EventFilter(show)
    return SeparatedFilter(show, b"\x1e" if media == SEQUENCE else b"\n")


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
    - {claims: {role: [finance]}, categories: [financial], as: partial}
"""

KIND = Kind(
    name="mask",
    stage=Stage.MASK,
    summary="Masks response members and headers by `x-data-classification`; `reveal` says who sees what.",
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
