"""An ASGI application from a contract: routes, validates, and hands calls to an answerer.

The sandbox systems and the generic mock are both this; they differ in who answers.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from contracts import catalog
from contracts.document import Json
from contracts.model import Contract, MediaType, Operation
from contracts.problem import MEDIA_TYPE, Detail, Problem
from orchestration.parameters import Parameters, Raw
from orchestration.schemas import Schemas

MAX_BODY = 1_000_000
_TEMPLATE = re.compile(r"\{[^{}]+\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that the contract allows."""

    operation: Operation
    values: Mapping[str, Json]  # parameters by name
    headers: Mapping[str, str]
    body: Json = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; `body` is JSON unless it is bytes."""

    status: int
    body: Json | bytes = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    delay: float = 0.0  # seconds before it is sent


Answerer = Callable[[Call], Answer]


def refuse(problem: Problem, headers: Mapping[str, str] | None = None) -> Answer:
    """Return a problem as an answer."""
    return Answer(problem.type.status, problem.as_json(), headers or {}, MEDIA_TYPE)  # type: ignore[arg-type]  # a problem is JSON


Refusing = Callable[[Problem], Answer]


class ContractApp:
    """Serves the operations of one contract below `base`."""

    def __init__(
        self,
        contract: Contract,
        answer: Answerer,
        *,
        base: str = "",
        waits: bool = False,
        refusing: Refusing | None = None,
    ) -> None:
        """Take who answers; one that `waits` for others is asked on a thread of its own.

        `refusing` says what breaks the contract in the words of the system that this stands for.
        """
        self._base, self._answer, self._waits = base, answer, waits
        self._refuse = refusing or refuse
        self._schemas = Schemas(contract)
        self._parameters = Parameters(contract, self._schemas)
        # Literal segments win over templates, so the more literal path is tried first.
        ordered = sorted(contract.operations, key=lambda o: _TEMPLATE.sub("￿", o.path))
        self._routes = [(_pattern(operation.path), operation) for operation in ordered]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        answer = await self._serve(scope, receive)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        payload = b"" if answer.body is None else answer.body
        if not isinstance(payload, bytes):
            payload = json.dumps(payload, ensure_ascii=False).encode()
        bodiless = answer.status in (204, 304)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if not bodiless:
            headers |= {"content-type": answer.media_type, "content-length": str(len(payload))}
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (n.encode(), v.encode("latin-1", "replace")) for n, v in headers.items()
                ],
            }
        )
        shown = b"" if bodiless or scope["method"] == "HEAD" else payload
        await send({"type": "http.response.body", "body": shown})

    async def _serve(self, scope: Scope, receive: Receive) -> Answer:
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        path = path.removeprefix(self._base) if path.startswith(self._base) else "\x00"
        matches = [(m, o) for pattern, o in self._routes if (m := pattern.fullmatch(path))]
        if not matches:
            return self._refuse(Problem(catalog.NOT_FOUND, "The contract has no such path."))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        found = next(((m, o) for m, o in matches if o.method in (scope["method"], method)), None)
        if found is None:
            allowed = ", ".join(sorted({operation.method for _, operation in matches}))
            refused = self._refuse(
                Problem(catalog.METHOD_NOT_ALLOWED, f"This path takes {allowed}.")
            )
            return replace(refused, headers={**refused.headers, "Allow": allowed})
        match, operation = found
        headers = {
            name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        raw = Raw(_named(operation.path, match), scope["query_string"].decode("latin-1"), headers)
        body = await _read(receive)
        if body is None:
            return self._refuse(
                Problem(catalog.BODY_TOO_LARGE, f"A body may have {MAX_BODY} bytes.")
            )
        if self._waits:
            return await asyncio.to_thread(self._judged, operation, raw, body)
        return self._judged(operation, raw, body)

    def _judged(self, operation: Operation, raw: Raw, body: bytes) -> Answer:
        values, errors = self._parameters.decode(operation, raw)
        if errors:
            return self._refuse(
                Problem(catalog.INVALID_REQUEST, "The parameters break the contract.", errors)
            )
        parsed = self._body(operation, raw.headers, body)
        if isinstance(parsed, Answer):
            return parsed
        return self._answer(Call(operation, values, raw.headers, parsed[0]))

    def _body(
        self, operation: Operation, headers: Mapping[str, str], body: bytes
    ) -> tuple[Json] | Answer:
        wanted = operation.request_body
        if wanted is None:
            return (None,)
        if not body:
            missing = (Detail("a body is required", "/body"),)
            if wanted.required:
                return self._refuse(
                    Problem(catalog.INVALID_REQUEST, "A body is required.", missing)
                )
            return (None,)
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        declared = next((entry for entry in wanted.content if _fits(entry.name, media)), None)
        if declared is None:
            known = ", ".join(entry.name for entry in wanted.content)
            return self._refuse(
                Problem(catalog.UNSUPPORTED_MEDIA_TYPE, f"The body may be {known}.")
            )
        return self._parsed(declared, media, body)

    def _parsed(self, declared: MediaType, media: str, body: bytes) -> tuple[Json] | Answer:
        if not is_json(media):
            # Forms and files are taken as they are; their members are not looked at.
            return (None,)
        try:
            value: Json = json.loads(body)
        except (ValueError, RecursionError):
            return self._refuse(Problem(catalog.MALFORMED_REQUEST, "The body is not JSON."))
        errors = self._schemas.errors(declared.schema, value, writing=True, at="/body")
        if errors:
            return self._refuse(
                Problem(catalog.INVALID_REQUEST, "The body breaks the contract.", errors)
            )
        return (value,)


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body, or None where it is larger than allowed."""
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _pattern(path: str) -> re.Pattern[str]:
    """Return a pattern over the raw path; a template never crosses a slash."""
    parts = re.split(r"(\{[^{}]+\})", path)
    return re.compile(
        "".join("([^/]+)" if i % 2 else re.escape(quote(p)) for i, p in enumerate(parts))
    )


def _named(path: str, match: re.Match[str]) -> dict[str, str]:
    names = [name[1:-1] for name in _TEMPLATE.findall(path)]
    return dict(zip(names, match.groups(), strict=True))


def _fits(declared: str, media: str) -> bool:
    declared = declared.partition(";")[0].strip().lower()
    kind, _, rest = declared.partition("/")
    return declared in (media, "*/*") or (rest == "*" and media.startswith(f"{kind}/"))


def is_json(media: str) -> bool:
    """Whether a media type carries JSON (RFC 6839 section 3.1)."""
    media = media.partition(";")[0].strip().lower()
    return media == "application/json" or media.endswith("+json")
