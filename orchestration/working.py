"""`python -m orchestration worker`: settings to a worker and its HTTP, until a signal comes."""

import argparse
import sys
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine
from starlette.types import ASGIApp

from contracts import catalog
from contracts.errors import TreatyError
from contracts.formats import yaml
from orchestration import tracing
from orchestration.handlers import Handlers
from orchestration.intake_app import app
from orchestration.linting import lint
from orchestration.reading import refuse
from orchestration.runs import deploying
from orchestration.serving import ContractApp
from orchestration.shelf import Shelf, load
from orchestration.systems.settings import SystemsFile
from orchestration.worker import Worker, WorkerSettings, now
from registry.db.engine import transaction
from registry.db.migrate import migrate
from registry.db.sealing import SEALER
from registry.settings import Settings

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Add the command of the worker, and return it."""
    worker = commands.add_parser("worker")
    worker.add_argument("--systems", type=Path, required=True)
    worker.add_argument("--flows", type=Path)
    worker.add_argument("--data-dir", type=Path)
    worker.add_argument("--token-file", type=Path)
    worker.add_argument("--tls-certificate", type=Path)
    worker.add_argument("--tls-key", type=Path)
    worker.add_argument("--client-ca", type=Path)
    worker.add_argument("--lease-seconds", type=float, default=15.0)
    worker.add_argument("--log-level", default="warning")
    worker.add_argument("--traces", choices=("none", "otlp"), default="none")
    return worker


def prepare(options: argparse.Namespace) -> tuple[Worker, Shelf, str]:
    """Return the worker, the flows it is to make live, and the token. Raises `TreatyError`."""
    tracing.log_to_stderr(options.log_level.upper())
    if options.traces == "otlp":
        tracing.export()
    settings = Settings(data_dir=options.data_dir) if options.data_dir else Settings()
    SEALER.use(settings.payload_key_file)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    shelf = load(options.flows)
    wrong = lint(shelf)
    if wrong:
        raise refuse(wrong)
    token = options.token_file.read_text(encoding="utf-8").strip() if options.token_file else ""
    if not token and options.host not in _LOOPBACK:
        raise TreatyError(
            catalog.UNAUTHENTICATED, "Give a --token-file to listen beyond this machine."
        )
    journal = settings.database
    if journal.startswith("sqlite"):
        # Two writers of one file would wait for each other.
        journal = f"sqlite:///{(settings.data_dir / 'journal.db').absolute()}"
    lease = timedelta(seconds=options.lease_seconds)
    flows = frozenset(shelf.flows)
    made = WorkerSettings(settings.database, journal, flows, lease=lease)
    file = _systems(options.systems)
    worker = Worker(
        made, file.systems, shelf.contract, file.feeds, file.exchanges, file.relays, file.alerts,
        file.sites, file.retention,
    )  # fmt: skip
    return worker, shelf, token


def _systems(path: Path) -> SystemsFile:
    document = yaml.parse(path.read_bytes(), source=str(path))
    try:
        return SystemsFile.model_validate(document.root)
    except ValidationError as error:
        cause = error.errors(include_input=False, include_url=False)[0]
        at = "/".join(map(str, cause["loc"]))
        raise TreatyError(catalog.INVALID_FLOW, f"{path}: {at}: {cause['msg']}") from None


def apis(worker: Worker, shelf: Shelf) -> dict[str, ASGIApp]:
    """Return the business APIs whose operations the flows answer, by contract."""
    wanted = {
        flow.trigger.of.contract: flow.trigger.of.version
        for flow, _ in shelf.flows.values()
        if flow.trigger.of is not None
    }
    served: dict[str, ASGIApp] = {}
    for name, version in wanted.items():
        document = shelf.contract(name, version)
        wake = worker.dispatcher.wake
        handlers = Handlers(name, document, worker.database, worker.systems, wake, now)
        served[name] = ContractApp(document, handlers.answerer(), base=f"/api/{name}", waits=True)
    return served


def begin(worker: Worker, shelf: Shelf) -> None:
    """Bring the database up to date, make the flows live, and start."""
    migrate(worker.database)
    _deploy(worker.database, shelf)
    worker.start()
    told = ", ".join(f"{flow.flow} {flow.version}" for flow, _ in shelf.flows.values()) or "none"
    sys.stderr.write(f"Worker {worker.name}: flows {told}. Ctrl-C stops it.\n")


def _deploy(engine: Engine, shelf: Shelf) -> None:
    with transaction(engine, writes=True) as session:
        for flow, _ in shelf.flows.values():
            deploying.deploy(
                session, flow, shelf.documents(), now(), shelf.owners(), shelf.matchings()
            )


__all__ = ["add", "apis", "app", "begin", "prepare"]
