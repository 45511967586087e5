"""What may go out: status, header fields and body as the deployed version promises."""

from collections.abc import Mapping
from typing import Any, Literal

from contracts import catalog
from contracts.problem import Detail, Problem
from contracts.report import Direction
from policies.decision import Denial, Word
from policies.exchange import Exchange, Ports
from policies.kind import Compiled, Kind, ResponseOnly, Spec, Stage, Target
from policies.validation.bodies import Content, UnreadableError, compile_content, media_type
from policies.validation.headers import Headers, compile_headers
from policies.validation.validators import Validators

_BODILESS = frozenset({204, 304})
_SERVER_ERROR = 500


class ValidateResponseSpec(Spec):
    """What is judged beyond what the contract declares."""

    undeclared_status: Literal["allow", "refuse"] = "refuse"


def compile_rule(spec: ValidateResponseSpec, target: Target) -> Compiled | None:
    """Return the settings, or None where the contract promises nothing."""
    responses = target.operation.responses
    if not responses:
        return None
    settings = {
        "closed": spec.undeclared_status == "refuse",
        "responses": [
            {
                "status": response.status.upper(),
                "headers": compile_headers(response.headers, target.schemas),
                "content": compile_content(response.content, target.schemas, Direction.RESPONSE),
            }
            for response in responses
        ],
    }
    return Compiled(settings, target.operation.node.pointer)


class ValidateResponse(ResponseOnly):
    """Refuses with 502 what breaks the promise; observed, it reports the drift to the owner."""

    def __init__(self, settings: Mapping[str, Any], validators: Validators) -> None:
        self._validators = validators
        self._closed: bool = settings["closed"]
        self._by_status = {
            entry["status"]: (
                Headers(entry["headers"]),
                Content(entry["content"]),
                entry["content"],
            )
            for entry in settings["responses"]
        }

    def on_response(self, exchange: Exchange, ports: Ports) -> Word:
        """Judge the answer; an undeclared 5xx is the upstream's fault and passes as it is."""
        del ports
        status = exchange.status
        promised = self._promised(status)
        if promised is None:
            if self._closed and status < _SERVER_ERROR:
                return _refuse([Detail("the contract does not declare this status", "/status")])
            return None
        headers, content, declared = promised
        wrong = list(headers.judge(exchange.response_headers, self._validators))
        body = exchange.response_body
        if exchange.method != "HEAD" and status not in _BODILESS and body is not None:
            wrong += self._judge_body(content, exchange, body, promises=bool(declared))
        return _refuse(wrong) if wrong else None

    def _promised(self, status: int) -> tuple[Headers, Content, object] | None:
        for wanted in (str(status), f"{status // 100}XX", "DEFAULT"):
            found = self._by_status.get(wanted)
            if found is not None:
                return found
        return None

    def _judge_body(
        self, content: Content, exchange: Exchange, body: bytes, *, promises: bool
    ) -> tuple[Detail, ...]:
        if not promises:
            return (Detail("the contract declares no body here", "/body"),) if body else ()
        headers = exchange.response_headers
        if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return (Detail("a compressed body cannot be judged", "/body"),)
        media = media_type(headers.get("content-type"))
        schema = content.schema(media) if media else None
        if schema is None:
            return (Detail("the contract does not declare this media type", "/body"),)
        try:
            return content.judge(media, schema, body, self._validators, "/body")
        except UnreadableError as error:
            return (Detail(str(error), "/body"),)


def _refuse(wrong: list[Detail]) -> Denial:
    sentence = f"The upstream's answer breaks the contract at {len(wrong)} place(s)."
    return Denial(Problem(catalog.RESPONSE_BREAKS_CONTRACT, sentence, tuple(wrong)))


def _without_schemas(settings: Mapping[str, Any]) -> ValidateResponse:
    return ValidateResponse(settings, Validators({}))


_EXAMPLE = """\
policy: report-drift
kind: validate-response
mode: observe
spec: {undeclared_status: refuse}
"""

KIND = Kind(
    name="validate-response",
    stage=Stage.VALIDATE,
    summary="Judges status, header fields and body by the contract; 502, or drift that is observed.",
    spec=ValidateResponseSpec,
    compile=compile_rule,
    build=_without_schemas,
    example=_EXAMPLE,
    problems=(catalog.RESPONSE_BREAKS_CONTRACT,),
    build_with=ValidateResponse,
    needs_response_body=True,
)
