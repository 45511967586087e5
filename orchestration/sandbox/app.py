"""Composition root of the sandbox: the PSA's two contracts over one state, and the firm's systems."""

from pathlib import Path

from starlette.types import Receive, Scope, Send

from contracts import catalog, library
from contracts.formats import read
from contracts.problem import Problem
from orchestration.probes import send_answer
from orchestration.sandbox import psa
from orchestration.sandbox.firm.app import Firm
from orchestration.sandbox.state import State
from orchestration.serving import Answer, Answerer, ContractApp, refuse


class Sandbox:
    """Serves /v1 (1.4.0) and /v2 (2.0.0) of the PSA, and the systems that flows call."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        state = State(folder / "psa.json" if folder else None)
        self._firm = Firm(folder)
        self._apps = {
            "/v1": _app("systems/psa.projects-1.4.0.yaml", psa.oldest(state), "/v1"),
            "/v2": _app("systems/psa.projects-2.0.0.yaml", psa.newest(state), "/v2"),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        app = self._apps.get(scope["path"][:3]) or self._firm.app(scope["path"])
        if app is not None:
            await app(scope, receive, send)
        elif scope["path"] == "/-/ready":
            await send_answer(send, Answer(200, {"status": "ready"}))
        elif scope["path"].startswith("/-/"):
            await self._firm.control(scope, receive, send)
        else:
            await send_answer(send, refuse(Problem(catalog.NOT_FOUND, "Try /v2/projects.")))


def _app(name: str, answer: Answerer, base: str) -> ContractApp:
    return ContractApp(read(library.text(name), source=name), answer, base=base)
