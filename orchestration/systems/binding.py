"""An operation of a contract as an HTTP request, and its answer back as a value: both validated."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote, urlencode

from contracts.document import Json
from contracts.model import Contract, MediaType, Operation, Parameter, Response
from contracts.problem import Detail
from orchestration.schemas import Schemas

KEY_HEADER = "idempotency-key"
_MAX_ANSWER = 16_000_000
_MAX_DIGITS = 40
_SAFE = "-._~"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that the contract allows; `target` is path and query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Binding:
    """One operation of one contract."""

    def __init__(self, contract: Contract, operation: Operation, schemas: Schemas) -> None:
        self.operation = operation
        self._contract, self._schemas = contract, schemas
        self._media = _json(operation.request_body.content) if operation.request_body else None

    @property
    def takes_key(self) -> bool:
        """Whether the contract declares `Idempotency-Key` for this operation."""
        return any(p.key == ("header", KEY_HEADER) for p in self.operation.parameters)

    def prepare(
        self, inputs: Mapping[str, Json], body: Json, key: str
    ) -> tuple[Prepared | None, tuple[Detail, ...]]:
        """Return the request, or what the contract has against it."""
        known = {parameter.name: parameter for parameter in self.operation.parameters}
        errors = [
            Detail("the operation has no such parameter", f"/{n}") for n in inputs if n not in known
        ]
        values = dict(inputs)
        for name, parameter in known.items():
            if key and parameter.key == ("header", KEY_HEADER):
                values[name] = key
            if name in values:
                at = f"/{parameter.location}/{name}"
                errors += self._schemas.errors(parameter.schema, values[name], writing=True, at=at)
            elif parameter.required:
                errors.append(Detail("this parameter is required", f"/{parameter.location}/{name}"))
        errors += self.body_errors(body)
        if errors:
            return None, tuple(errors)
        return self._request(known, values, body), ()

    def body_errors(self, body: Json) -> tuple[Detail, ...]:
        """Return what the contract has against a body."""
        wanted = self.operation.request_body
        if body is None:
            if wanted is not None and wanted.required:
                return (Detail("a body is required", "/body"),)
            return ()
        if self._media is None:
            return (Detail("the operation takes no JSON body", "/body"),)
        return self._schemas.errors(self._media.schema, body, writing=True, at="/body")

    def _request(
        self, known: Mapping[str, Parameter], values: Mapping[str, Json], body: Json
    ) -> Prepared:
        path, query, headers = self.operation.path, [], {"accept": "application/json"}
        for name, value in values.items():
            parameter = known[name]
            if parameter.location == "path":
                path = path.replace("{" + name + "}", quote(_text(value), safe=_SAFE))
            elif parameter.location == "query":
                query += _pairs(parameter, value)
            elif parameter.location == "header":
                headers[name.lower()] = _text(value)
        payload = b""
        if body is not None and self._media is not None:
            headers["content-type"] = self._media.name
            payload = json.dumps(body, ensure_ascii=False).encode()
        target = path + (f"?{urlencode(query)}" if query else "")
        return Prepared(self.operation.method, target, headers, payload)

    def read(self, status: int, media: str, payload: bytes) -> tuple[Json, tuple[Detail, ...]]:
        """Return the answer's value, and what breaks the contract."""
        response = self._response(status)
        if response is None:
            return None, (Detail(f"the contract declares no answer {status}", "/status"),)
        declared = _json(response.content)
        if declared is None or (not payload and status in (204, 304)):
            return None, ()
        if len(payload) > _MAX_ANSWER:
            return None, (Detail(f"the answer has more than {_MAX_ANSWER} bytes", "/body"),)
        if not _is_json(media):
            return None, (Detail("the answer is not JSON", "/body"),)
        try:
            value: Json = json.loads(payload)
            # What an amount is must not depend on binary floats: flows see the digits as sent.
            exact: Json = json.loads(payload, parse_float=_digits)
        except (ValueError, RecursionError):
            return None, (Detail("the answer is not JSON", "/body"),)
        return exact, self._schemas.errors(declared.schema, value, writing=False, at="/body")

    def _response(self, status: int) -> Response | None:
        by_status = {response.status.lower(): response for response in self.operation.responses}
        for name in (str(status), f"{status // 100}xx", "default"):
            if name in by_status:
                return by_status[name]
        return None


def _digits(text: str) -> str:
    value = Decimal(text)
    return f"{value:f}" if abs(value.adjusted()) <= _MAX_DIGITS else text


def _json(content: tuple[MediaType, ...]) -> MediaType | None:
    return next((media for media in content if _is_json(media.name)), None)


def _is_json(media: str) -> bool:
    name = media.partition(";")[0].strip().lower()
    return name == "application/json" or name.endswith("+json") or name == "*/*"


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return "" if value is None else str(value)


def _pairs(parameter: Parameter, value: Json) -> list[tuple[str, str]]:
    if isinstance(value, list) and parameter.explode:
        return [(parameter.name, _text(item)) for item in value]
    if isinstance(value, dict):
        return [(f"{parameter.name}[{key}]", _text(item)) for key, item in value.items()]
    return [(parameter.name, _text(value))]
