"""One trace from the event through each step to each call (W3C Trace Context, OpenTelemetry); and who a log line is about.

A run is one trace however many legs and processes it takes: without a parent, its id is the run's own.
"""

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import propagate, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags

from contracts import catalog
from contracts.errors import TreatyError

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(about)s%(message)s"
_ABOUT: ContextVar[str] = ContextVar("treaty_about", default="")
_TRACER = trace.get_tracer("treaty.orchestration")


class About(logging.Filter):
    """Gives each record `about`: flow, business key and run, where there is one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        record.about = _ABOUT.get()
        return True


def log_to_stderr(level: str) -> None:
    """Write log lines that say which run they are about."""
    handler = logging.StreamHandler()
    handler.addFilter(About())
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])


def export() -> None:
    """Send spans by OTLP over HTTP; its settings are OpenTelemetry's own (`OTEL_…`).

    Raises `TreatyError` (invalid-request) where the packages of the extra `otel` are missing.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # as above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # as above
    except ImportError:
        said = "Install treaty[otel] to send traces."
        raise TreatyError(catalog.INVALID_REQUEST, said) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "treaty-worker"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def parent_of(text: object) -> str:
    """Return a `traceparent` (W3C Trace Context section 3.2), or nothing for what is none."""
    return text if isinstance(text, str) and TRACEPARENT.fullmatch(text) else ""


@contextmanager
def leg(flow: str, key: str, run: str, parent: str) -> Iterator[None]:
    """Trace one leg of a run, under the event's trace or the run's own."""
    told = _ABOUT.set(f"[{flow} {key} {run}] ")
    context = trace.set_span_in_context(NonRecordingSpan(_remote(run, parent)))
    attributes = {"treaty.flow": flow, "treaty.key": key, "treaty.run": run}
    try:
        with _TRACER.start_as_current_span(f"flow {flow}", context, attributes=attributes):
            yield
    finally:
        _ABOUT.reset(told)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Trace what a step does."""
    with _TRACER.start_as_current_span(name.partition("#")[0], attributes={"treaty.step": name}):
        yield


@contextmanager
def call(operation: str) -> Iterator[Mapping[str, str]]:
    """Trace a call of a system, and give the headers that tell it."""
    with _TRACER.start_as_current_span(operation, kind=SpanKind.CLIENT):
        headers: dict[str, str] = {}
        propagate.inject(headers)
        yield headers


def _remote(run: str, parent: str) -> SpanContext:
    if parent:
        _, name, span, flags = parent.split("-")
        return SpanContext(
            int(name, 16), int(span, 16), True, TraceFlags(int(flags, 16))
        )  # the parent is remote
    made = hashlib.sha256(run.encode()).hexdigest()
    sampled = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(made[:32], 16), int(made[32:48], 16), True, sampled)  # as above
