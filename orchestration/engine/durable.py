"""The engine over DBOS: SQLite in WAL mode or PostgreSQL, JSON instead of pickle, our own names.

One instance per process; DBOS keeps its registry globally.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, cast

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos import Serializer as BaseSerializer

from contracts.document import Json
from orchestration import tracing
from orchestration.engine.port import EngineSettings, LegBody, LegState

_NAME = "treaty"
_LEG = "treaty.leg"
_POLL_SECONDS = 0.2
_BUSY_MS = 30_000
_POOL = 1


class PlainJson(BaseSerializer):
    """JSON in and out: whoever can write to the database must not be able to run code here.

    Texts pass through `seal` and `open`, which give back what they leave alone.
    """

    def __init__(
        self,
        seal: Callable[[Json], Json] = lambda value: value,
        open_: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self._seal, self._open = seal, open_

    def serialize(self, data: Any) -> str:
        """Return the JSON text; exceptions as their names."""
        plain = json.dumps(data, default=_spelled, ensure_ascii=False)
        sealed = self._seal(plain)
        return plain if sealed is plain else json.dumps(sealed)

    def deserialize(self, serialized_data: str) -> Any:
        """Return the value; an exception as one with its text."""
        value = json.loads(serialized_data)
        opened = self._open(value)
        value = value if opened is value else json.loads(opened)
        if isinstance(value, dict) and set(value) == {"$error"}:
            return RuntimeError(value["$error"])
        return value

    def name(self) -> str:
        """Return how rows name this form."""
        return "treaty_json"


def _spelled(value: object) -> Json:
    if isinstance(value, BaseException):
        # Its text may hold values of the business; the name is enough to find the log.
        return {"$error": type(value).__name__}
    if isinstance(value, tuple | set | frozenset):
        return cast("Json", list(value))
    raise TypeError(f"{type(value).__name__} is no JSON")


class _Recorder:
    """The journal of the leg under way on this thread."""

    def record(self, name: str, act: Callable[[], Json]) -> Json:
        def traced() -> Json:
            with tracing.step(name):
                return act()

        return DBOS.run_step({"name": name}, traced)

    def together(self, name: str, acts: Sequence[Callable[[], Json]]) -> list[Json]:
        def act() -> list[Json]:
            with tracing.step(name), ThreadPoolExecutor(len(acts), "treaty-each") as pool:
                # Each act sees what this thread sees: the trace, and whom log lines are about.
                bound = [(copy_context(), each) for each in acts]
                return list(pool.map(lambda pair: pair[0].run(pair[1]), bound))

        return DBOS.run_step({"name": name}, act)

    def sleep(self, name: str, wait_seconds: float) -> None:
        del name
        if wait_seconds > 0:
            DBOS.sleep(wait_seconds)


class DurableEngine:
    """DBOS as our port."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._leg: Callable[[str], Json]

    def launch(self, body: LegBody) -> None:
        """Open the journal and start working."""
        settings = self._settings
        config: DBOSConfig = {
            "name": _NAME,
            "system_database_url": settings.url,
            "executor_id": settings.worker,
            "application_version": settings.version,
            "serializer": PlainJson(settings.seal, settings.open),
            "log_level": "ERROR",
            "max_executor_threads": settings.threads,
        }
        if settings.url.startswith("sqlite"):
            config["system_database_engine"] = _sqlite(settings.url)
        DBOS(config=config)
        recorder = _Recorder()

        def leg(given: str) -> str:
            return json.dumps(body(json.loads(given), recorder))

        self._leg = DBOS.workflow(name=_LEG)(leg)
        # A queue of our own: another worker may lack what a leg that we take over needs.
        DBOS.listen_queues([settings.worker])
        DBOS.launch()
        DBOS.register_queue(settings.worker, polling_interval_sec=_POLL_SECONDS)

    def close(self) -> None:
        """Stop, giving the legs in flight a moment."""
        DBOS.delete_queue(self._settings.worker)
        DBOS.destroy(workflow_completion_timeout_sec=5)

    def start(self, leg: str, given: Json) -> None:
        """Start a leg; its id makes starting it twice harmless."""
        with SetWorkflowID(leg):
            DBOS.start_workflow(self._leg, json.dumps(given))

    def resume(self, leg: str) -> None:
        """Take the leg over, by way of our own queue."""
        DBOS.resume_workflow(leg, queue_name=self._settings.worker)

    def state(self, leg: str) -> LegState:
        """Return what is known of a leg."""
        status = DBOS.get_workflow_status(leg)
        if status is None:
            return LegState.UNKNOWN
        if status.status in ("PENDING", "ENQUEUED", "DELAYED"):
            return LegState.UNDER_WAY
        return LegState.DONE if status.status == "SUCCESS" else LegState.BROKEN

    def cancel(self, leg: str) -> None:
        """Stop a leg before its next step."""
        DBOS.cancel_workflow(leg)

    def rewind(self, leg: str, step: str) -> None:
        """Run a leg again from a step. Raises `LookupError`."""
        for recorded in DBOS.list_workflow_steps(leg):
            if recorded["function_name"] == step:
                DBOS.rewind_workflow(leg, start_step=recorded["function_id"])
                return
        raise LookupError(step)

    def forget(self, legs: list[str]) -> None:
        """Delete journals."""
        if legs:
            DBOS.delete_workflows(legs)


def _sqlite(url: str) -> sa.Engine:
    """Return an engine with a write-ahead log, which DBOS does not turn on by itself."""
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=_POOL, max_overflow=0
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={_BUSY_MS}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
