"""Which web pages may call: preflights answered here, the fields on every other reply.

Source: the Fetch standard, section 3.2 (CORS protocol). The upstream's own fields are dropped.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from contracts import catalog
from contracts.problem import Problem
from policies.brownouts import Duration
from policies.decision import Denial, Instead, Word
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target

_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_TEN_MINUTES = "10m"
_MOST_SECONDS = 86_400  # browsers keep no answer for longer
_MAX_KNOWN = 1024
_USUAL = ("authorization", "content-type", "idempotency-key")
_EXPOSED = (
    "Deprecation", "Idempotency-Replayed", "Link", "RateLimit", "RateLimit-Policy", "Retry-After",
    "Sunset", "Treaty-Brownout", "X-Request-Id",
)  # fmt: skip


def _origin(text: str) -> str:
    if text != "*" and not _ORIGIN.fullmatch(text):
        raise ValueError("an origin is `https://app.example.com`, `https://*.example.com` or `*`")
    return text


def _name(text: str) -> str:
    if text == "*" or not _NAME.fullmatch(text):
        raise ValueError("a header is named here; `*` would allow what the contract does not know")
    return text


Origin = Annotated[str, AfterValidator(_origin)]
Header = Annotated[str, AfterValidator(_name)]


class CorsSpec(Spec):
    """Origins, and what their pages may send and read beside what the contract declares."""

    origins: tuple[Origin, ...] = Field(min_length=1, max_length=200)
    headers: tuple[Header, ...] = Field(default=(), max_length=100)
    expose: tuple[Header, ...] = Field(default=(), max_length=100)
    credentials: bool = False
    max_age: Duration = Field(default=_TEN_MINUTES, validate_default=True, le=_MOST_SECONDS)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.credentials and "*" in self.origins:
            raise ValueError("`credentials` needs origins by name: `*` would trust every page")
        return self


def compile_rule(spec: CorsSpec, target: Target) -> Compiled:
    """Return the fields; the method and the headers are those of the contract's operation."""
    operation = target.operation
    declared = {p.name.lower() for p in operation.parameters if p.location == "header"}
    schemes = [node.value for node in target.contract.security_schemes.values()]
    keys = {
        str(value["name"]).lower()
        for value in schemes
        if isinstance(value, dict) and value.get("in") == "header" and "name" in value
    }
    stated = {name.lower() for name in spec.headers}
    allowed = sorted(name for name in {*_USUAL, *declared, *keys, *stated} if _NAME.fullmatch(name))
    settings = {
        "origins": list(spec.origins),
        "method": operation.method,
        "headers": allowed,
        "expose": sorted({*_EXPOSED, *spec.expose}),
        "credentials": spec.credentials,
        "max_age_seconds": spec.max_age,
    }
    return Compiled(settings, operation.node.pointer)


class Cors(RequestOnly):
    """Answers a preflight; else adds the fields, which then stand on refusals too."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        origins: list[str] = settings["origins"]
        self._any = "*" in origins
        self._origins = frozenset(origin for origin in origins if "*" not in origin)
        # `https://*.example.com`: what stands before and after the star.
        self._wild = [tuple(o.split("*")) for o in origins if "*." in o]
        self._credentials: bool = settings["credentials"]
        self._expose = ", ".join(settings["expose"])
        self._preflight = (
            ("Access-Control-Allow-Methods", settings["method"]),
            ("Access-Control-Allow-Headers", ", ".join(settings["headers"])),
            ("Access-Control-Max-Age", str(settings["max_age_seconds"])),
        )
        self._known: dict[str, tuple[tuple[str, str], ...]] = {}

    def on_request(self, exchange: Exchange, ports: Ports) -> Word:
        """Answer or refuse a preflight; let any other request pass."""
        del ports
        headers = exchange.headers
        origin = headers.get("origin", "")
        asks = exchange.method == "OPTIONS" and "access-control-request-method" in headers
        if not asks:
            exchange.added_headers += self._known.get(origin) or self._simple(origin)
            return None
        vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        if not self._allows(origin):
            sentence = "The contract is not open to pages of this origin."
            return Denial(Problem(catalog.ORIGIN_NOT_ALLOWED, sentence), (("Vary", vary),))
        return Instead(204, (*self._allowed(origin), *self._preflight, ("Vary", vary)))

    def _simple(self, origin: str) -> tuple[tuple[str, str], ...]:
        # With names, a shared cache must not give one origin's reply to another, or to none.
        vary = () if self._any else (("Vary", "Origin"),)
        fields = vary
        if origin and self._allows(origin):
            expose = ("Access-Control-Expose-Headers", self._expose)
            fields = (*self._allowed(origin), expose, *vary)
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[origin] = fields
        return fields

    def _allowed(self, origin: str) -> tuple[tuple[str, str], ...]:
        allowed = ("Access-Control-Allow-Origin", "*" if self._any else origin)
        if not self._credentials:
            return (allowed,)
        return (allowed, ("Access-Control-Allow-Credentials", "true"))

    def _allows(self, origin: str) -> bool:
        if self._any or origin in self._origins:
            return True
        return any(
            origin.startswith(start)
            and origin.endswith(end)
            and re.fullmatch(r"[a-z0-9.-]+", origin[len(start) : len(origin) - len(end)])
            is not None
            for start, end in self._wild
        )


_EXAMPLE = """\
policy: portal-pages
kind: cors
spec:
  origins: [https://app.example.com, https://*.example.org]
  credentials: true
  max_age: 1h
"""

KIND = Kind(
    name="cors",
    stage=Stage.CORS,
    summary="Answers preflights, and says which web pages may read replies (Fetch, CORS protocol).",
    spec=CorsSpec,
    compile=compile_rule,
    build=Cors,
    example=_EXAMPLE,
    problems=(catalog.ORIGIN_NOT_ALLOWED,),
)
