"""One trace from the event through each step to each call, and log lines that say whom they are about."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from flow_world import DEAL, deployed, erp_server, settled, tell, working
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from orchestration import tracing
from registry.db.engine import make_engine
from registry.db.migrate import migrate

TRACE = "00-" + "a1" * 16 + "-" + "b2" * 8 + "-01"


@pytest.fixture(scope="module")
def spans():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def place(tmp_path):
    url = f"sqlite:///{tmp_path}/registry.db"
    engine = make_engine(url)
    migrate(engine)
    deployed(engine)
    yield engine, url, f"sqlite:///{tmp_path}/journal.db"
    engine.dispose()


@pytest.mark.parametrize("given", [TRACE, "", "00-nonsense"])
def test_one_trace_from_the_event_to_each_call(spans, place, given, caplog):
    engine, url, journal = place
    spans.clear()
    caplog.handler.addFilter(tracing.About())
    level = caplog.at_level(logging.INFO, "treaty.systems")
    with erp_server() as (erp, base), level, working(url, journal, base):
        tell(engine, 1, traced=given, **DEAL)
        (run,) = settled(engine)
    found = {span.name: span for span in spans.get_finished_spans()}
    assert {"flow deal-to-invoice", "customer", "erp.upsertCustomer", "invoice"} <= found.keys()
    ids = {f"{span.context.trace_id:032x}" for span in found.values()}
    assert len(ids) == 1
    if given == TRACE:
        assert ids == {"a1" * 16}
        assert f"{found['flow deal-to-invoice'].parent.span_id:016x}" == "b2" * 8
    # What a system is told names the span of its call.
    calls = [
        f"{found[name].context.span_id:016x}"
        for name in ("erp.upsertCustomer", "erp.createInvoice")
    ]
    assert [head.split("-")[2] for head in erp.traces] == calls
    lines = [record.about for record in caplog.records if record.name == "treaty.systems"]
    assert lines == [f"[deal-to-invoice D1 {run.id}] "] * 2


def test_a_line_that_is_about_no_run_says_nothing_of_it():
    record = logging.LogRecord("x", logging.INFO, "", 0, "hello", None, None)
    tracing.About().filter(record)
    assert record.about == ""


def test_without_the_extra_it_is_said(tmp_path):
    code = (
        "import sys; sys.modules['opentelemetry.sdk.trace'] = None\n"
        "from orchestration import tracing\nfrom contracts.errors import TreatyError\n"
        "try:\n    tracing.export()\nexcept TreatyError as error:\n    print(error.problem.detail)\n"
    )
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root
    )
    assert json.dumps(done.stdout.strip()) == '"Install treaty[otel] to send traces."'
