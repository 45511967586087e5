"""The agent's process: dials each hub, comes back when it is cut off, and makes the calls it is sent."""

import json
import logging
import random
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from contracts import catalog
from contracts.errors import TreatyError
from orchestration.agent import frames
from orchestration.definition import System as Wanted
from orchestration.outcome import Failure, Outcome
from orchestration.systems.caller import System

_FIRST, _MOST = 0.5, 30.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_FINAL = (4401, 4403)  # a token that does not count, or no longer
_LOG = "treaty.agent"


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Where the agent dials (`wss://HOST/agents/SITE`), as whom, and how much it does at once."""

    hubs: tuple[str, ...]
    token: str
    places: int = 8
    ca: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None

    def checked(self) -> "AgentSettings":
        """Return the settings. Raises `TreatyError` for a hub that is no `wss` beyond this machine."""
        for hub in self.hubs:
            parts = urlsplit(hub)
            plain = parts.scheme == "ws" and parts.hostname in _LOOPBACK
            if not plain and parts.scheme != "wss":
                said = f"{hub[:100]}: an agent dials wss://, or ws:// on this machine."
                raise TreatyError(catalog.INVALID_REQUEST, said)
        return self


class AgentProcess:
    """`run` blocks until `stop`, or until every hub has sent the agent away for good."""

    def __init__(
        self, settings: AgentSettings, systems: dict[str, System], wanted: dict[str, Wanted]
    ) -> None:
        self._settings, self._systems = settings.checked(), systems
        self._hello = frames.Hello(places=settings.places, systems=wanted)
        self._pool = ThreadPoolExecutor(settings.places, "treaty-agent")
        self._stop = threading.Event()
        self._lines: set[ClientConnection] = set()
        self.refused = False

    def run(self) -> None:
        """Serve all hubs."""
        threads = [
            threading.Thread(target=self._serve, args=(hub,), daemon=True)
            for hub in self._settings.hubs
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._pool.shutdown(cancel_futures=True)

    def stop(self) -> None:
        """End all connections."""
        self._stop.set()
        for line in list(self._lines):
            line.close()

    def _serve(self, hub: str) -> None:
        tries = 0
        while not self._stop.is_set():
            try:
                with self._dial(hub) as line:
                    tries = 0
                    self._lines.add(line)
                    logging.getLogger(_LOG).warning("connected to %s", hub)
                    line.send(self._hello.model_dump_json())
                    self._work(line)
            except ConnectionClosed as error:
                if error.rcvd is not None and error.rcvd.code in _FINAL:
                    logging.getLogger(_LOG).error("%s: %s", hub, error.rcvd.reason)  # noqa: TRY400  # no defect of ours
                    self.refused = True
                    return
            except (OSError, InvalidHandshake, TimeoutError, frames.FrameError) as error:
                logging.getLogger(_LOG).warning("%s: %s", hub, type(error).__name__)
            finally:
                self._lines = {line for line in self._lines if line.close_code is None}
            tries += 1
            wait = min(_MOST, _FIRST * float(2 ** min(tries, 10))) * random.random()  # noqa: S311  # jitter
            self._stop.wait(wait)

    def _dial(self, hub: str) -> ClientConnection:
        settings = self._settings
        context = None
        if hub.startswith("wss:"):
            context = ssl.create_default_context(cafile=settings.ca)
            if settings.certificate is not None:
                context.load_cert_chain(settings.certificate, settings.certificate_key)
        return connect(
            hub,
            additional_headers={"Authorization": f"Bearer {settings.token}"},
            ssl=context,
            max_size=frames.MAX_FRAME,
            proxy=None,
        )

    def _work(self, line: ClientConnection) -> None:
        for text in line:
            frame = frames.read(text)
            if not isinstance(frame, frames.Call):
                raise frames.FrameError("a hub only asks for calls")
            self._pool.submit(self._call, line, frame)

    def _call(self, line: ClientConnection, frame: frames.Call) -> None:
        name = frame.request.operation.partition(".")[0]
        system = self._systems.get(name)
        if system is None:
            outcome = Outcome(failure=Failure("bug", f"this agent has no system {name}"))
        else:
            # The system knows its contract, and calls nothing beyond it.
            outcome = system.call(frame.asked())
        told = cast("dict[str, object]", outcome.as_json())
        try:
            line.send(json.dumps({"type": "outcome", "id": frame.id, "outcome": told}))
        except ConnectionClosed:
            # The flow asks again, under the same key.
            logging.getLogger(_LOG).warning("an outcome found its hub gone")
