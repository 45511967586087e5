"""The generic mock: an answer from the contract's examples, else from its schemas."""

import json
from random import Random

from starlette.types import Receive, Scope, Send

from contracts import catalog
from contracts.document import Json
from contracts.model import Contract, Header, MediaType, Node, Operation, Response
from contracts.problem import Detail, Problem
from contracts.refs import Resolver
from orchestration.mock.generate import Generator
from orchestration.probes import send_answer
from orchestration.schemas import Schemas
from orchestration.serving import Answer, Call, ContractApp, is_json, refuse

_TRIES = 4


class Mock:
    """Serves a contract's operations at the root; the same call gets the same answer."""

    def __init__(self, contract: Contract, seed: int = 1) -> None:
        self._seed = seed
        self._resolver = Resolver(contract.document)
        self._schemas = Schemas(contract)
        self._app = ContractApp(contract, self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] == "http" and scope["path"] == "/-/ready":
            await send_answer(send, Answer(200, {"status": "ready"}))
        else:
            await self._app(scope, receive, send)

    def _answer(self, call: Call) -> Answer:
        wanted = _preferences(call.headers.get("prefer", ""))
        response = _chosen(call.operation, wanted.get("code"))
        if response is None:
            return refuse(Problem(catalog.NOT_FOUND, "The contract declares no such response."))
        random = Random(f"{self._seed}|{call.operation.key}|{sorted(call.values.items())}")  # noqa: S311  # not for secrets
        headers = {
            header.name: self._header(header, random)
            for header in response.headers
            if header.required
        }
        status = _status(response)
        if not response.content:
            return (
                Answer(status, b"", headers, "text/plain")
                if status not in (204, 304)
                else Answer(status, None, headers)
            )
        media = _accepted(response.content, call.headers.get("accept", "*/*"))
        if media is None:
            known = ", ".join(entry.name for entry in response.content)
            return refuse(Problem(catalog.NOT_ACCEPTABLE, f"This answer comes as {known}."))
        return self._body(status, media, headers, wanted.get("example"), random)

    def _body(
        self,
        status: int,
        media: MediaType,
        headers: dict[str, str],
        example: str | None,
        random: Random,
    ) -> Answer:
        name = media.name.partition(";")[0].strip()
        concrete = name if "*" not in name else "application/octet-stream"
        if not is_json(concrete):
            return Answer(status, _text(self._example(media, example, raw=True)), headers, concrete)
        found = self._example(media, example, raw=False)
        if found is not None:
            return Answer(status, found[0], headers, concrete)
        if media.schema is None:
            return Answer(status, {}, headers, concrete)
        value, errors = self._generated(media.schema, random)
        if errors:
            # Better no answer than one that breaks the contract it stands for.
            return refuse(
                Problem(
                    catalog.MOCK_FAILED,
                    "No answer could be made; give the response an example.",
                    errors,
                )
            )
        return Answer(status, value, headers, concrete)

    def _generated(self, schema: Node, random: Random) -> tuple[Json, tuple[Detail, ...]]:
        """Return a value, and what is still wrong with it after some tries."""
        value: Json = None
        errors: tuple[Detail, ...] = ()
        for attempt in range(_TRIES):
            value = Generator(self._resolver, random, bare=attempt >= _TRIES // 2).value(schema)
            errors = self._schemas.errors(schema, value, writing=False, at="")
            if not errors:
                break
        return value, errors

    def _example(self, media: MediaType, wanted: str | None, *, raw: bool) -> tuple[Json] | None:
        """Return the first example that fits the schema; JSON may stand in a string."""
        for value in self._examples(media, wanted):
            for reading in _readings(value) if not raw else (value,):
                if raw or not self._schemas.errors(media.schema, reading, writing=False, at=""):
                    return (reading,)
        return None

    def _examples(self, media: MediaType, wanted: str | None) -> list[Json]:
        holder = media.node.value if isinstance(media.node.value, dict) else {}
        found: list[Json] = []
        named = holder.get("examples")
        if isinstance(named, dict):
            # Swagger 2.0 keys examples by media type, OpenAPI 3 by name.
            order = sorted(named, key=lambda name: name not in (wanted, media.name))
            for name in order:
                entry = named[name]
                found.append(
                    entry["value"] if isinstance(entry, dict) and "value" in entry else entry
                )
        if "example" in holder:
            found.insert(0 if wanted is None else len(found), holder["example"])
        try:
            schema = self._resolver.resolve(media.schema).value if media.schema else None
        except Exception:  # noqa: BLE001  # a dangling reference has no example
            schema = None
        if isinstance(schema, dict):
            found += [schema["example"]] if "example" in schema else []
            listed = schema.get("examples")
            found += listed if isinstance(listed, list) else []
        return found

    def _header(self, header: Header, random: Random) -> str:
        value = Generator(self._resolver, random, bare=True).value(header.schema)
        return value if isinstance(value, str) else json.dumps(value)


def _preferences(header: str) -> dict[str, str]:
    """Return the members of `Prefer` (RFC 7240)."""
    pairs = (part.strip().partition("=") for part in header.replace(";", ",").split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _chosen(operation: Operation, code: str | None) -> Response | None:
    if code is not None:
        wanted = (code, f"{code[:1]}XX", "default")
        by_status = {
            response.status.upper() if response.status != "default" else "default": response
            for response in operation.responses
        }
        found = next((by_status[status] for status in wanted if status in by_status), None)
        return (
            Response(code, found.node, found.content, found.headers)
            if found and code.isdigit()
            else None
        )
    successes = sorted(
        (r for r in operation.responses if r.status[:1] == "2"), key=lambda r: r.status.upper()
    )
    others = sorted(operation.responses, key=lambda r: (r.status == "default", r.status))
    return next(iter([*successes, *others]), None)


def _status(response: Response) -> int:
    if response.status.isdigit() and 200 <= int(response.status) <= 599:  # noqa: PLR2004  # what a server may send
        return int(response.status)
    return int(response.status[0]) * 100 if response.status[:1] in "2345" else 200


def _accepted(content: tuple[MediaType, ...], accept: str) -> MediaType | None:
    """Return the media type with the highest quality (RFC 9110 12.5.1), JSON first among equals."""
    ranges = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        ranges.append((name, float(quality) if quality.replace(".", "", 1).isdigit() else 0.0))
    best: tuple[float, MediaType] | None = None
    for media in sorted(content, key=lambda entry: not is_json(entry.name)):
        name = media.name.partition(";")[0].strip().lower()
        fits = [q for wanted, q in ranges if wanted in (name, "*/*", name.partition("/")[0] + "/*")]
        if fits and max(fits) > 0 and (best is None or max(fits) > best[0]):
            best = (max(fits), media)
    return best[1] if best else None


def _readings(value: Json) -> tuple[Json, ...]:
    if isinstance(value, str):
        try:
            return (json.loads(value), value)
        except ValueError:
            return (value,)
    return (value,)


def _text(found: tuple[Json] | None) -> bytes:
    if found is None:
        return b"mock"
    return found[0].encode() if isinstance(found[0], str) else json.dumps(found[0]).encode()
