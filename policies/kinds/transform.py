"""Bodies in another shape: JSONata over the request, the response, or both.

A response takes its new shape before it is validated, kept and masked, so that the contract's masks
see what leaves; a request after it was validated, for an upstream that speaks another dialect.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from contracts import catalog
from contracts.problem import Problem, ProblemType
from policies.decision import Denial
from policies.exchange import Exchange, Ports
from policies.jsonata import compiled, program, require_known_functions
from policies.jsontext import NotJsonError, parse, write
from policies.kind import Compiled, Enforcer, Kind, RequestOnly, ResponseOnly, Spec, Stage, Target
from policies.maskfallback import names_of
from policies.maskprogram import compile_program
from policies.reshaping import ReshapeError, Watch, exact

_SUCCESS = range(200, 300)
_NO_CONTENT = 204
_PARTIAL = 206
_REQUEST, _RESPONSE = "request", "response"


def _checked(text: str) -> str:
    compiled(text)
    require_known_functions(text)
    return text


Expression = Annotated[
    str, Field(min_length=1, max_length=10_000, pattern=r"\S"), AfterValidator(_checked)
]


class TransformSpec(Spec):
    """JSONata over the whole body, which is `$`; at most 20 ms. The media type stays JSON."""

    request: Expression | None = None
    response: Expression | None = None  # of answers with a status of 2xx
    max_bytes: int = Field(default=1_048_576, ge=1, le=16_777_216)  # of the body that comes in

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.request is None and self.response is None:
            raise ValueError("give `request`, `response` or both")
        return self


def compile_rule(spec: TransformSpec, target: Target) -> Compiled | None:
    """Return a rule for each direction; what is classified is written down to be watched."""
    pointer = target.operation.node.pointer
    rule: Compiled | None = None
    if spec.response is not None:
        settings: dict[str, object] = {
            "part": _RESPONSE, "expression": spec.response, "max_bytes": spec.max_bytes,
            "reads_request": False, **_watched(target),
        }  # fmt: skip
        rule = Compiled(settings, pointer, Stage.RESHAPE)
    if spec.request is not None:
        settings = {
            "part": _REQUEST, "expression": spec.request, "max_bytes": spec.max_bytes,
            "reads_response": False,
        }  # fmt: skip
        rule = Compiled(settings, pointer, then=rule)
    return rule


def _watched(target: Target) -> dict[str, object]:
    """Return the names that a classified response may use, and those whose values must not move."""
    found = compile_program(target.contract, target.operation, target.schemas.resolver)
    if found is None:
        return {}
    declared, classified = names_of(found["nodes"][: found["fallback"]])
    return {"declared": sorted(declared), "classified": sorted(classified)}


class TransformRequest(RequestOnly):
    """Gives the upstream another body than the client sent."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._evaluate = program(settings["expression"])
        self._most: int = settings["max_bytes"]

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Replace the body; a request without one stays without."""
        del ports
        body = exchange.request_body
        if not body:
            return None
        if not _is_json(exchange.headers):
            return _denied(catalog.UNSUPPORTED_MEDIA_TYPE, "The body must be plain JSON.")
        if len(body) > self._most:
            sentence = f"The body may have at most {self._most} bytes."
            return _denied(catalog.REQUEST_TOO_LARGE, sentence)
        try:
            exchange.request_body = write(Watch().checked(self._evaluate(exact(parse(body)))))
        except (NotJsonError, ReshapeError, ValueError, RecursionError) as error:
            why = str(error) if isinstance(error, ReshapeError) else "the policy cannot be applied"
            return _denied(catalog.REQUEST_NOT_TRANSFORMABLE, f"The body is refused: {why}.")
        return None


class TransformResponse(ResponseOnly):
    """Gives the rules behind it, and the client, another body than the upstream sent."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._evaluate = program(settings["expression"])
        self._most: int = settings["max_bytes"]
        self._watch = Watch(settings.get("declared"), settings.get("classified", ()))

    def on_response(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Replace the body of a success; what cannot be transformed is withheld."""
        del ports
        body, status = exchange.response_body, exchange.status
        if not body or status not in _SUCCESS or status == _NO_CONTENT:
            return None
        if status == _PARTIAL or not _is_json(exchange.response_headers):
            return _withheld("it is not plain JSON, or a part of it only")
        if len(body) > self._most:
            return _withheld(f"it has more than {self._most} bytes")
        try:
            value = parse(body)
            shown = self._watch.checked(self._evaluate(exact(value)), value)
            exchange.response_body = write(shown)
        except ReshapeError as error:
            return _withheld(str(error))
        except (NotJsonError, ValueError, RecursionError):
            return _withheld("the expression cannot be applied to it")
        return None


def build(settings: Mapping[str, Any]) -> Enforcer:
    """Return the enforcer of one direction."""
    return (TransformRequest if settings["part"] == _REQUEST else TransformResponse)(settings)


def _is_json(headers: Mapping[str, str]) -> bool:
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    plain = headers.get("content-encoding", "identity").strip().lower() in ("", "identity")
    return plain and (media == "application/json" or media.endswith("+json"))


def _denied(kind: ProblemType, sentence: str) -> Denial:
    return Denial(Problem(kind, sentence))


def _withheld(why: str) -> Denial:
    sentence = f"The upstream's answer cannot be transformed: {why}."
    return _denied(catalog.RESPONSE_NOT_TRANSFORMABLE, sentence)


_EXAMPLE = """\
policy: old-names-for-the-old-erp
kind: transform
select: {operations: [getProject]}
spec:
  response: '$merge([$, {"name": $trim(name)}])'
"""

KIND = Kind(
    name="transform",
    stage=Stage.TRANSFORM,
    summary="Gives request or response bodies another shape by JSONata; masks and validation see the result.",
    spec=TransformSpec,
    compile=compile_rule,
    build=build,
    example=_EXAMPLE,
    problems=(
        catalog.UNSUPPORTED_MEDIA_TYPE,
        catalog.REQUEST_TOO_LARGE,
        catalog.REQUEST_NOT_TRANSFORMABLE,
        catalog.RESPONSE_NOT_TRANSFORMABLE,
    ),
    needs_request_body=True,
    needs_response_body=True,
    changes_request=True,
    changes_response=True,
)
