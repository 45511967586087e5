"""The five systems below `/crm`, `/erp`, `/psa`, `/jira` and `/servicenow`, and their control room."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from contracts import catalog, library
from contracts.errors import TreatyError
from contracts.formats import read
from contracts.problem import Problem
from orchestration.probes import send_answer
from orchestration.sandbox.firm import acts, crm, delivery, erp, seed, trackers
from orchestration.sandbox.firm.faults import FEED_KINDS, KINDS, MAX_COUNT, Fault, Faults
from orchestration.sandbox.firm.store import Store
from orchestration.serving import Answer, Answerer, ContractApp, Refusing, refuse

_MAX_BODY = 100_000
SYSTEMS: Mapping[str, tuple[str, Callable[[Store], Answerer], Refusing]] = {
    "crm": ("crm.sales-1.0.0", crm.answers, crm.refusing),
    "erp": ("erp.finance-1.0.0", erp.answers, refuse),
    "psa": ("psa.delivery-1.0.0", delivery.answers, refuse),
    "jira": ("tracker.jira-1.0.0", trackers.jira, trackers.jira_refusing),
    "servicenow": ("itsm.servicenow-1.0.0", trackers.servicenow, trackers.servicenow_refusing),
}


class Firm:
    """The systems of one firm over one store."""

    def __init__(self, folder: Path | None = None) -> None:
        self.store = Store(folder / "firm.db" if folder else None)
        seed.fill(self.store)
        self._faults = Faults()
        self._apps = {name: self._app(name) for name in SYSTEMS}

    def _app(self, name: str) -> ContractApp:
        document, answers, refusing = SYSTEMS[name]
        source = f"systems/{document}.yaml"
        answer = self._faults.around(name, answers(self.store))
        contract = read(library.text(source), source=source)
        return ContractApp(contract, answer, base=f"/{name}", refusing=refusing)

    def app(self, path: str) -> ContractApp | None:
        """Return who serves a path, or None."""
        return self._apps.get(path.split("/", 2)[1])

    async def control(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the control room: events, effects, faults and acts."""
        try:
            body = await _body(receive)
            answer = await asyncio.to_thread(self._control, scope, body)
        except TreatyError as error:
            answer = refuse(error.problem)
        await send_answer(send, answer)

    def _control(self, scope: Scope, body: Any) -> Answer:
        method, path = scope["method"], scope["path"]
        if method == "GET" and path == "/-/events":
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("after", ["0"])[0]
            after = int(asked) if asked.isdigit() and len(asked) < 10 else 0  # noqa: PLR2004  # digits of a count
            return Answer(200, {"events": [*self._faults.events(self.store.events(after))]})
        if method == "GET" and path == "/-/effects":
            return Answer(200, {"effects": [*self.store.effects()]})
        if method == "PUT" and path.startswith("/-/faults/"):
            return self._fault(path.removeprefix("/-/faults/"), body)
        if method == "POST" and path.startswith("/-/act/"):
            return Answer(200, acts.act(self.store, path.removeprefix("/-/act/"), body))
        raise TreatyError(
            catalog.NOT_FOUND, "Try GET /-/events, GET /-/effects, POST /-/act/win-deal."
        )

    def _fault(self, system: str, body: Mapping[str, Any]) -> Answer:
        kind, count = body.get("kind"), body.get("count", 1)
        kinds = FEED_KINDS if system == "feed" else KINDS
        if system not in (*SYSTEMS, "feed") or kind not in kinds:
            known = f"Systems: {', '.join(SYSTEMS)}, feed. Kinds: {', '.join(kinds)}."
            return refuse(Problem(catalog.INVALID_REQUEST, known))
        if not isinstance(count, int) or not 0 <= count <= MAX_COUNT:
            return refuse(
                Problem(catalog.INVALID_REQUEST, f"A count is a number from 0 to {MAX_COUNT}.")
            )
        self._faults.set(system, Fault(str(kind), count, str(body.get("operation", ""))))
        return Answer(200, {"system": system, "kind": kind, "count": count})


async def _body(receive: Receive) -> dict[str, Any]:
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if len(parts) > _MAX_BODY:
            raise TreatyError(catalog.BODY_TOO_LARGE, f"A body may have {_MAX_BODY} bytes.")
        if not message.get("more_body"):
            break
    if not parts:
        return {}
    try:
        value = json.loads(parts)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise TreatyError(catalog.MALFORMED_REQUEST, "The body must be a JSON object.")
    return value
