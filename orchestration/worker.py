"""Composition root of the worker: database, engine, systems, and the loops that move runs on."""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine as Database

from orchestration.agent.hub import Hub
from orchestration.alerting.settings import AlertSettings
from orchestration.alerting.watch import Watch
from orchestration.engine.durable import DurableEngine
from orchestration.engine.port import EngineSettings
from orchestration.exchange.receiving import Receiver
from orchestration.exchange.settings import ExchangeSettings
from orchestration.runs.dispatch import LEASE, Dispatcher
from orchestration.runs.legs import Legs
from orchestration.runs.polling import Source
from orchestration.runs.previewing import Previewer
from orchestration.runs.relaying import Relay
from orchestration.runs.retention import Retention
from orchestration.runs.scheduling import Scheduler
from orchestration.systems.settings import (
    FeedSettings,
    RelaySettings,
    RemoteSettings,
    RetentionSettings,
    SiteSettings,
    SystemSettings,
)
from orchestration.systems.sharing import Shared
from orchestration.systems.world import Contracts, Systems
from registry.db.engine import make_engine
from registry.db.migrate import require_current
from registry.db.sealing import SEALER

# Legs are only taken over by workers whose interpreter walks alike.
INTERPRETER_VERSION = "1"
_LOG = "treaty.worker"
_PAUSE = 0.1
_SCHEDULE_SECONDS = 1.0
_PREVIEW_SECONDS = 0.5
_RETENTION_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Where the tables and the engine's journal are."""

    database: str
    journal: str
    flows: frozenset[str]  # the names of those that it has the systems for
    slots: int = 16
    lease: timedelta = LEASE


class Worker:
    """`start` and `stop` frame its life."""

    def __init__(
        self,
        settings: WorkerSettings,
        systems: Mapping[str, SystemSettings | RemoteSettings],
        contracts: Contracts,
        feeds: Mapping[str, FeedSettings] | None = None,
        exchanges: Mapping[str, ExchangeSettings] | None = None,
        relays: Mapping[str, RelaySettings] | None = None,
        alerts: AlertSettings | None = None,
        sites: Mapping[str, SiteSettings] | None = None,
        retention: RetentionSettings | None = None,
    ) -> None:
        """Take what it works on. Raises `TreatyError`, or `OSError` for a folder that is none."""
        self._settings = settings
        self.database: Database = make_engine(settings.database)
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._shared, self._names = Shared(self.database, self.name, settings.lease), tuple(systems)
        self.hub = Hub(dict(sites or {}), self.database)
        self.systems = Systems(systems, contracts, self._shared, self.hub)
        self._engine = DurableEngine(
            EngineSettings(
                settings.journal,
                self.name,
                INTERPRETER_VERSION,
                settings.slots + 2,
                SEALER.seal,
                SEALER.open,
            )
        )
        self.dispatcher = Dispatcher(
            self.database,
            self._engine,
            self.name,
            settings.flows,
            judge=self.systems.judge,
            slots=settings.slots,
            lease=settings.lease,
        )
        self._feeds = {
            name: (Source(name, feed.url, self.database), feed.every_seconds)
            for name, feed in (feeds or {}).items()
        }
        self._exchanges = {
            name: (
                Receiver(name, each, contracts(each.row.contract, each.row.version), self.database),
                each.every_seconds,
            )
            for name, each in (exchanges or {}).items()
        }
        self._relays = {
            name: (Relay(name, relay, self.database), relay.every_seconds)
            for name, relay in (relays or {}).items()
        }
        self._alerts = alerts or AlertSettings()
        self._watch = Watch(self._alerts, self.database)
        self._retention = Retention(retention or RetentionSettings(), self.database, self._engine)
        self._scheduler = Scheduler(self.database, settings.flows)
        self._previewer = Previewer(self.database, self.systems, settings.flows)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Register, and begin to work. Raises `TreatyError` (conflict) for an older database."""
        require_current(self.database)
        legs = Legs(self.database, self.systems, self.dispatcher.ended)
        self.dispatcher.register()
        self._shared.announce(self._names, now())
        self._engine.launch(legs.body)
        lease = self._settings.lease.total_seconds()
        self._loop("dispatch", self._dispatch, 0.0)
        self._loop("lease", self.dispatcher.beat, lease / 5)
        self._loop("reaper", self.dispatcher.reap, lease / 5)
        self._loop("schedule", self._schedule, _SCHEDULE_SECONDS)
        self._loop("preview", lambda: self._previewer.tick(now()), _PREVIEW_SECONDS)
        self._loop("retention", lambda: self._retention.tick(now()), _RETENTION_SECONDS)
        if self._alerts.rules:
            self._loop("alerts", lambda: self._watch.tick(now()), self._alerts.every_seconds)
        for name, (source, every) in self._feeds.items():
            self._loop(f"feed {name}", partial(self._poll, source), every)
        for name, (relay, every) in self._relays.items():
            self._loop(f"relay {name}", partial(self._relay, relay), every)
        for name, (receiver, every) in self._exchanges.items():
            self._loop(f"exchange {name}", partial(self._receive, receiver), every)

    def stop(self) -> None:
        """Take nothing new, end the legs in flight, and leave."""
        self._stop.set()
        self.dispatcher.wake()
        for thread in self._threads:
            thread.join(5)
        self._engine.close()
        self.dispatcher.leave()
        self.systems.close()
        for source, _ in self._feeds.values():
            source.close()
        for relay, _ in self._relays.values():
            relay.close()
        self.database.dispose()

    def _dispatch(self) -> None:
        if not self.dispatcher.tick():
            self.dispatcher.pause(_PAUSE)

    def _schedule(self) -> None:
        if self._scheduler.tick(now()):
            self.dispatcher.wake()

    def _relay(self, relay: Relay) -> None:
        while relay.tick(now()) and not self._stop.is_set():
            pass  # what arrived may have let its subject's next event go

    def _receive(self, receiver: Receiver) -> None:
        if receiver.tick(now()):
            self.dispatcher.wake()

    def _poll(self, source: Source) -> None:
        if source.poll(now()):
            self.dispatcher.wake()

    def _loop(self, name: str, act: Callable[[], object], pause: float) -> None:
        def run() -> None:
            while not self._stop.is_set():
                try:
                    act()
                except Exception:  # a loop of the worker outlives whatever fails in it
                    # A database that is away comes back; what was not done is done next time.
                    logging.getLogger(_LOG).exception("the %s loop failed and goes on", name)
                    self._stop.wait(1.0)
                if pause:
                    self._stop.wait(pause)

        thread = threading.Thread(target=run, name=f"treaty-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)


def now() -> datetime:
    """Return the time, aware and in UTC."""
    return datetime.now(UTC)
