"""A small contract with a server behind it, and a worker on both."""

import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import uvicorn
from ports import free_port
from sqlalchemy import select

from contracts.formats import read
from orchestration.mapping import MappingDocument
from orchestration.reading import read_flow
from orchestration.runs import deploying, intake
from orchestration.serving import Answer, ContractApp
from orchestration.systems.settings import SystemSettings
from orchestration.worker import Worker, WorkerSettings
from registry.db.engine import transaction
from registry.db.models import Run

CONTRACT = b"""
openapi: 3.1.0
info: {title: A small ERP, version: 1.0.0}
paths:
  /customers/{reference}:
    put:
      operationId: upsertCustomer
      parameters: [{name: reference, in: path, required: true, schema: {type: string}}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              additionalProperties: false
              properties: {name: {type: string}}
      responses:
        '200': {description: It, content: {application/json: {schema: {$ref: '#/components/schemas/Made'}}}}
        default: {description: No}
    get:
      operationId: getCustomer
      parameters: [{name: reference, in: path, required: true, schema: {type: string}}]
      responses:
        '200': {description: It, content: {application/json: {schema: {$ref: '#/components/schemas/Made'}}}}
        default: {description: No}
  /invoices:
    post:
      operationId: createInvoice
      parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string}}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [customer, total]
              properties:
                customer: {type: string}
                total: {type: string, pattern: '^-?[0-9]+[.][0-9]{2}$'}
      responses:
        '201': {description: It, content: {application/json: {schema: {$ref: '#/components/schemas/Made'}}}}
        default: {description: No}
components:
  schemas:
    Made: {type: object, required: [id], properties: {id: {type: string}}}
"""

FLOW = b"""
flow: deal-to-invoice
version: 1.0.0
title: An invoice for a deal
pattern: event
trigger: {event: crm.deal.won}
criticality: high
owner: finance
sla: 4h
exceptions: {to: finance, sla: 8h}
key: event.data.deal
revision: event.data.revision
value: '{"amount": $dec_sum(event.data.lines.amount), "currency": "EUR"}'
systems: {erp: {contract: demo.erp, version: 1.0.0}}
steps:
- {step: priced, check: $count(event.data.lines) > 0, otherwise: The deal has no lines.}
- {step: customer, call: erp.upsertCustomer, with: {reference: event.data.customer}, body: '{"name": event.data.customer}', retry: {attempts: 2, first: 1s, most: 1s}}
- step: invoice
  call: erp.createInvoice
  key: '"invoice:" & event.data.deal'
  body: {mapping: invoice-of-deal, from: '{"customer": customer.id, "lines": event.data.lines}'}
- {step: told, emit: invoice.drafted, subject: event.data.deal, data: '{"invoice": invoice.id}'}
"""
MAPPING = {
    "mapping": "invoice-of-deal", "version": "1.0.0", "title": "An invoice from a deal",
    "expression": '{"customer": customer, "total": $dec_sum(lines.amount)}',
    "examples": [{"input": {"lines": []}, "output": {"total": "0.00"}}],
}  # fmt: skip
DEAL = {
    "deal": "D1",
    "customer": "acme",
    "revision": 1,
    "lines": [{"amount": "1.10"}, {"amount": "2.20"}],
}


def deployed(engine, text=FLOW):
    flow, _ = read_flow(text, source="flow.yaml")
    mappings = {"invoice-of-deal": MappingDocument.model_validate(MAPPING)}
    with transaction(engine, writes=True) as session:
        return deploying.deploy(session, flow, mappings, datetime.now(UTC))


def contract(_id="demo.erp", _version="1.0.0"):
    return read(CONTRACT, source="erp.yaml")


class SmallErp:
    """The contract above over a dict, counting effects; `troubles` answer first, one each."""

    def __init__(self):
        self.effects, self.troubles, self.asked, self.traces = {}, [], [], []
        self.lock = threading.Lock()
        self.on_call = None

    def answer(self, call):
        with self.lock:
            self.asked.append(call.operation.name)
            self.traces.append(call.headers.get("traceparent"))
            if self.on_call is not None:
                self.on_call(len(self.asked))
            if self.troubles:
                status, headers = self.troubles.pop(0)
                return Answer(status, {}, headers)
            if call.operation.name == "createInvoice":
                key = call.headers["idempotency-key"]
                self.effects.setdefault(key, []).append(call.body)
                return Answer(201, {"id": f"INV-{key}"})
            return Answer(200, {"id": f"CUS-{call.values['reference']}"})


@contextmanager
def serving(app):
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def erp_server():
    erp = SmallErp()
    with serving(ContractApp(contract(), erp.answer)) as url:
        yield erp, url


@contextmanager
def working(database, journal, url):
    settings = WorkerSettings(
        database, journal, frozenset({"deal-to-invoice"}), lease=timedelta(seconds=2)
    )
    worker = Worker(settings, {"erp": SystemSettings(base_url=url)}, contract)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def tell(engine, number, kind="crm.deal.won", traced="", **data):
    body = {"specversion": "1.0", "id": str(number), "source": "crm", "type": kind, "data": data}
    body |= {"traceparent": traced} if traced else {}
    with transaction(engine, writes=True) as session:
        return intake.accept(session, intake.event(body), datetime.now(UTC))


def runs(engine):
    with transaction(engine, writes=False) as session:
        return session.scalars(select(Run).order_by(Run.seq)).all()


def settled(engine, *, states=("done", "exception", "superseded", "discarded"), seconds=40):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = runs(engine)
        if found and all(run.state in states for run in found):
            return found
        time.sleep(0.02)
    raise AssertionError([(run.business_key, run.state, run.step) for run in runs(engine)])
