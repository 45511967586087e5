"""What may come in: parameters, media type and body as the deployed version says."""

from collections.abc import Mapping
from typing import Any, Literal

from contracts import catalog
from contracts.problem import Detail, Problem
from contracts.report import Direction
from policies.decision import Denial, Word
from policies.exchange import Exchange, Ports
from policies.jsontext import NotJsonError, parse, write
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target
from policies.validation.bodies import (
    Content,
    UnreadableError,
    compile_content,
    is_json,
    media_type,
)
from policies.validation.members import Act, Members, compile_members
from policies.validation.parameters import Parameters, compile_parameters
from policies.validation.validators import Validators


class ValidateRequestSpec(Spec):
    """What is judged beyond what the contract declares."""

    undeclared_query: Literal["allow", "refuse"] = "allow"
    undeclared_body: Literal["allow", "refuse"] = "refuse"
    # Members of JSON bodies that no schema names, and those that only answers have (`readOnly`).
    undeclared_members: Act = "allow"
    read_only: Act = "allow"

    @property
    def acts(self) -> tuple[Act, Act]:
        """Return what happens to undeclared members and to those that are `readOnly`."""
        return self.undeclared_members, self.read_only


def compile_rule(spec: ValidateRequestSpec, target: Target) -> Compiled:
    """Return the settings. Raises `TreatyError` for a schema that leads nowhere."""
    operation, body = target.operation, target.operation.request_body
    content = () if body is None else body.content
    settings = {
        "template": operation.path,
        "parameters": compile_parameters(operation, target.schemas),
        "closed": spec.undeclared_query == "refuse",
        "body": None
        if body is None
        else {
            "required": body.required,
            "content": compile_content(content, target.schemas, Direction.REQUEST),
        },
        "bodiless": body is None and spec.undeclared_body == "refuse",
        "reads_request": body is not None,
        "changes_request": "strip" in spec.acts,
    }
    if spec.acts != ("allow", "allow"):
        resolver = target.schemas.resolver
        settings["members"] = {
            **compile_members(target.contract, content, resolver), "acts": spec.acts,
        }  # fmt: skip
    return Compiled(settings, operation.node.pointer)


class ValidateRequest(RequestOnly):
    """Refuses with 400 and a pointer to each mistake, 415 for a media type nobody declares."""

    def __init__(self, settings: Mapping[str, Any], validators: Validators) -> None:
        self._validators = validators
        self._parameters = Parameters(
            settings["template"], settings["parameters"], closed=settings["closed"]
        )
        body = settings["body"]
        self._bodiless: bool = settings["bodiless"]
        self._required: bool = body is not None and body["required"]
        self._content = None if body is None else Content(body["content"])
        members = settings.get("members")
        self._members = None if members is None else Members(members, *members["acts"])

    def on_request(self, exchange: Exchange, ports: Ports) -> Word:
        """Judge parameters first, then the body."""
        del ports
        wrong: list[Detail] = self._parameters.judge(
            exchange.path, exchange.query, exchange.headers, self._validators
        )
        if self._content is not None:
            refusal = self._judge_body(self._content, exchange, wrong)
            if refusal is not None:
                return refusal
        elif self._bodiless and _announces_body(exchange):
            wrong.append(Detail("the operation takes no body", "/body"))
        return _refuse(wrong) if wrong else None

    def _judge_body(
        self, content: Content, exchange: Exchange, wrong: list[Detail]
    ) -> Denial | None:
        body = exchange.request_body
        if not body:
            if self._required:
                wrong.append(Detail("a body is required", "/body"))
            return None
        if exchange.headers.get("content-encoding", "identity").strip().lower() != "identity":
            return _unsupported("The body must not be compressed: it could not be judged.")
        media = media_type(exchange.headers.get("content-type"))
        schema = content.schema(media) if media else None
        if schema is None:
            return _unsupported(f"The body may be {content.names or 'of no type at all'}.")
        try:
            if self._members is not None and is_json(media):
                body = self._trimmed(self._members, media, exchange, wrong)
            wrong += content.judge(media, schema, body, self._validators, "/body")
        except UnreadableError as error:
            wrong.append(Detail(str(error), "/body"))
        return None

    def _trimmed(
        self, members: Members, media: str, exchange: Exchange, wrong: list[Detail]
    ) -> bytes:
        """Return the body as the upstream shall see it. Raises `UnreadableError`."""
        body = exchange.request_body or b""
        try:
            value = parse(body)
            shown, refused = members.judge(media, value, "/body")
            wrong += refused
            if shown is not value:
                exchange.request_body = body = write(shown)
        except (NotJsonError, RecursionError):
            raise UnreadableError("the body is not JSON that everybody reads alike") from None
        return body


def _announces_body(exchange: Exchange) -> bool:
    return bool(exchange.request_length) or "transfer-encoding" in exchange.headers


def _unsupported(sentence: str) -> Denial:
    return Denial(Problem(catalog.UNSUPPORTED_MEDIA_TYPE, sentence))


def _refuse(wrong: list[Detail]) -> Denial:
    first = wrong[0]
    sentence = f"{first.pointer}: {first.detail}."
    return Denial(Problem(catalog.REQUEST_BREAKS_CONTRACT, sentence, tuple(wrong)))


def _needs_validators(settings: Mapping[str, Any]) -> ValidateRequest:
    return ValidateRequest(settings, Validators({}))


_EXAMPLE = """\
policy: judge-requests
kind: validate-request
spec: {undeclared_query: refuse, undeclared_members: strip, read_only: refuse}
"""

KIND = Kind(
    name="validate-request",
    stage=Stage.VALIDATE,
    summary="Judges parameters, media type and body by the contract; 400 with pointers, 415.",
    spec=ValidateRequestSpec,
    compile=compile_rule,
    build=_needs_validators,
    example=_EXAMPLE,
    problems=(catalog.REQUEST_BREAKS_CONTRACT, catalog.UNSUPPORTED_MEDIA_TYPE),
    build_with=ValidateRequest,
    needs_request_body=True,
    changes_request=True,
)
