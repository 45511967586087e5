"""Flows: runs per second through our engine port, beside bare DBOS in the same run; events and mappings.

Each journal is measured in a process of its own, for the engine is one per process. With
TREATY_BENCH_POSTGRES set to a URL, PostgreSQL is measured, too.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from dbos import DBOS, SetWorkflowID  # noqa: E402  # after the path is set
from measure import save  # noqa: E402  # as above

from orchestration.definition import Flow  # noqa: E402  # as above
from orchestration.engine.durable import DurableEngine, PlainJson, _sqlite  # noqa: E402  # as above
from orchestration.engine.port import EngineSettings  # noqa: E402  # as above
from orchestration.expression import Expression  # noqa: E402  # as above
from orchestration.outcome import Outcome  # noqa: E402  # as above
from orchestration.runs import deploying, intake  # noqa: E402  # as above
from orchestration.runs.dispatch import Dispatcher  # noqa: E402  # as above
from orchestration.runs.legs import Legs  # noqa: E402  # as above
from registry.db.engine import make_engine, transaction  # noqa: E402  # as above
from registry.db.migrate import migrate  # noqa: E402  # as above

RUNS = int(os.environ.get("RUNS", "300"))
WARM = 5  # runs that compile statements and programs; not counted
PAYLOAD = {"order": "O-1", "customer": "Acme", "note": "x" * 800}
FLOW = {
    "flow": "bench", "version": "1.0.0", "title": "Three steps", "pattern": "event",
    "trigger": {"event": "bench.happened"}, "criticality": "normal", "owner": "team", "sla": "1h",
    "exceptions": {"to": "team", "sla": "1h"}, "key": "event.data.id",
    "systems": {"erp": {"contract": "demo.erp", "version": "1.0.0"}},
    "steps": [
        {"step": f"s{n}", "call": "erp.write", "key": f'"{n}:" & event.data.id', "body": "event.data"}
        for n in range(3)
    ],
}  # fmt: skip
MAPPING = """{
  "customer": {"name": customer, "tags": [tags.$uppercase($)]},
  "lines": [lines.{"sku": sku, "net": $dec_round($dec_mul(quantity, price), 2)}],
  "total": $dec_round($dec_sum(lines.$dec_mul(quantity, price)), 2)
}"""


class Answering:
    """A system that answers at once: what is measured is ours."""

    def call(self, program, request):
        del program
        return Outcome({"id": request.key, **PAYLOAD})


def percentile(values, share):
    return sorted(values)[int(len(values) * share)]


def through_the_port(journal, tables):
    """Three-step runs from event to end, kept in our own tables: one by one, and as they come."""
    engine = make_engine(tables)
    migrate(engine)
    with transaction(engine, writes=True) as session:
        deploying.deploy(session, Flow.model_validate(FLOW), {}, datetime.now(UTC))
    ended, done = [], threading.Event()

    def end(run):
        ended.append(run)
        dispatcher.ended(run)
        done.set()

    durable = DurableEngine(EngineSettings(journal, "bench", "1", 10))
    dispatcher = Dispatcher(engine, durable, "bench", ["bench"], judge=lambda *_: (), slots=8)
    durable.launch(Legs(engine, Answering(), end).body)
    accept(engine, 0, RUNS // 3 + WARM)
    took = []
    for _ in range(RUNS // 3 + WARM):
        dispatcher.slots = 1  # the next one only when the one before has ended
        begun = time.perf_counter()
        done.clear()
        dispatcher.tick()
        done.wait(30)
        took.append((time.perf_counter() - begun) * 1000)
    took = took[WARM:]
    dispatcher.slots = 8
    accepted = accept(engine, RUNS, RUNS)
    ended.clear()
    started = time.perf_counter()
    while len(ended) < RUNS:
        if not dispatcher.tick():
            dispatcher.pause(0.05)
    rate = RUNS / (time.perf_counter() - started)
    durable.close()
    return {
        "events_accepted_per_second": accepted, "runs_per_second": round(rate),
        "p50_ms": round(statistics.median(took), 1), "p99_ms": round(percentile(took, 0.99), 1),
    }  # fmt: skip


def accept(engine, first, count):
    """Accept events, each in a transaction of its own; return how many a second."""
    started = time.perf_counter()
    for number in range(first, first + count):
        body = {"specversion": "1.0", "id": str(number), "source": "b", "type": "bench.happened"}
        event = intake.event(body | {"data": PAYLOAD | {"id": f"K{number}"}})
        with transaction(engine, writes=True) as session:
            intake.accept(session, event, datetime.now(UTC))
    return round(count / (time.perf_counter() - started))


def bare(journal):
    """The same three steps on DBOS without anything of ours."""
    config = {"name": "bare", "system_database_url": journal, "executor_id": "bare",
              "application_version": "1", "serializer": PlainJson(), "log_level": "ERROR"}  # fmt: skip
    if journal.startswith("sqlite"):
        config["system_database_engine"] = _sqlite(journal)
    DBOS(config=config)

    @DBOS.workflow(name="bare")
    def three(given):
        for step in range(3):
            DBOS.run_step({"name": f"s{step}"}, lambda: {"id": 1, **PAYLOAD})
        return given["note"][:2]

    DBOS.launch()
    took = []
    started = time.perf_counter()
    for number in range(RUNS):
        begun = time.perf_counter()
        with SetWorkflowID(f"b{number}"):
            three(PAYLOAD)
        took.append((time.perf_counter() - begun) * 1000)
    rate = RUNS / (time.perf_counter() - started)
    DBOS.destroy()
    return {
        "runs_per_second": round(rate), "p50_ms": round(statistics.median(took), 1),
        "p99_ms": round(percentile(took, 0.99), 1),
    }  # fmt: skip


def mapping():
    lines = [{"sku": f"S-{n}", "quantity": "7.50", "price": "145.00"} for n in range(12)]
    value = {"customer": "Acme", "tags": ["a", "b"], "lines": lines, "note": "x" * 300}
    expression, count = Expression(MAPPING), 2000
    expression.evaluate(value)
    started = time.perf_counter()
    for _ in range(count):
        expression.evaluate(value)
    size = len(json.dumps(value))
    each = (time.perf_counter() - started) / count * 1e6
    return {"bytes": size, "us": round(each, 1), "us_per_kb": round(each * 1024 / size, 1)}


def apart(what, *urls):
    done = subprocess.run(
        [sys.executable, __file__, what, *urls],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(done.stdout.splitlines()[-1])


def databases(folder):
    yield "sqlite", lambda name: f"sqlite:///{folder}/{name}.db"
    postgres = os.environ.get("TREATY_BENCH_POSTGRES")
    if postgres:
        yield "postgresql", lambda _: postgres


def main():
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, url in databases(folder):
            rows[f"bare DBOS, {name}"] = apart("bare", url("bare"))
            rows[f"Treaty, {name}"] = apart("port", url("journal"), url("tables"))
    rows["a mapping"] = mapping()
    save("flows", [{"what": name, **figures} for name, figures in rows.items()])


if __name__ == "__main__":
    if sys.argv[1:2] == ["port"]:
        print(json.dumps(through_the_port(*sys.argv[2:])))
    elif sys.argv[1:2] == ["bare"]:
        print(json.dumps(bare(*sys.argv[2:])))
    else:
        main()
