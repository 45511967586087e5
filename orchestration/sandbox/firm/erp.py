"""The ERP behind `erp.finance` 1.0.0."""

from collections.abc import Callable

from contracts import catalog
from contracts.problem import Problem
from orchestration.sandbox.firm import customers
from orchestration.sandbox.firm.store import KeyReusedError, Record, Store
from orchestration.serving import Answer, Answerer, Call, refuse


def answers(store: Store) -> Answerer:
    """Return who answers."""
    handlers: dict[str, Callable[[Store, Call], Answer]] = {
        "putCustomer": customers.put,
        "getCustomer": _get_customer,
        "listCustomers": customers.page,
        "createBillingEvent": _bill,
        "postCosts": _post_costs,
        "putProject": _put_project,
        "putBillingSchedule": _put_schedule,
        "getBillingSchedule": _reader("schedule"),
        "putForecast": _put_forecast,
        "putDraftInvoice": _put_invoice,
        "getInvoice": _reader("invoice"),
        "postInvoice": _post_invoice,
    }

    def answer(call: Call) -> Answer:
        if store.full:
            return refuse(Problem(catalog.CONFLICT, "The sandbox is full; delete its data folder."))
        with store.change():
            return handlers[call.operation.name](store, call)

    return answer


def _body(call: Call) -> Record:
    return dict(call.body) if isinstance(call.body, dict) else {}


def _kept(store: Store, kind: str, call: Call, prefix: str, name: str, more: Record) -> Answer:
    """Create or change the record under the caller's reference."""
    reference = str(call.values["reference"])
    known = store.get("erp", kind, reference)
    own = known[name] if known else f"{prefix}{store.count('erp', kind) + 1:06}"
    record = {**more, name: own, "reference": reference}
    store.put("erp", kind, reference, record)
    return Answer(200, store.noted("erp", call.operation.name, reference, record))


def _reader(kind: str) -> Callable[[Store, Call], Answer]:
    def read(store: Store, call: Call) -> Answer:
        found = store.get("erp", kind, str(call.values["reference"]))
        return Answer(200, found) if found else missing(kind)

    return read


def missing(what: str) -> Answer:
    """Return that there is none."""
    return refuse(Problem(catalog.NOT_FOUND, f"There is no such {what}."))


def _get_customer(store: Store, call: Call) -> Answer:
    found = store.get("erp", "customer", str(call.values["reference"]))
    return Answer(200, customers.shown(found)) if found else missing("customer")


def _post_costs(store: Store, call: Call) -> Answer:
    body, key = _body(call), call.headers["idempotency-key"]
    period = store.get("erp", "period", body["period"])
    if period is not None and period["state"] == "closed":
        return refuse(Problem(catalog.CONFLICT, "The period is closed."))

    def act() -> Record:
        own = f"CST{store.count('erp', 'cost') + 1:06}"
        return store.put("erp", "cost", own, {"posting_id": own, **body})

    try:
        return Answer(201, store.once("erp", "postCosts", key, body, act))
    except KeyReusedError:
        return refuse(Problem(catalog.CONFLICT, "The key came with another request before."))


def _bill(store: Store, call: Call) -> Answer:
    """Take a billing event: its schedule line may be invoiced now."""
    body, key = _body(call), call.headers["idempotency-key"]
    schedule = store.get("erp", "schedule", body["project_reference"])
    line = next(
        (e for e in (schedule or {"lines": []})["lines"] if e["line"] == body["line"]), None
    )
    if schedule is None or line is None:
        return missing("line of a billing schedule")

    def act() -> Record:
        record = {
            "event_id": f"BEV{store.count('erp', 'billing_event') + 1:06}", **body,
            "amount": line["amount"], "currency": schedule["currency"],
        }  # fmt: skip
        lines = [{**e, "state": "due"} if e is line else e for e in schedule["lines"]]
        store.put("erp", "schedule", body["project_reference"], {**schedule, "lines": lines})
        return store.put("erp", "billing_event", record["event_id"], record)

    try:
        return Answer(201, store.once("erp", "createBillingEvent", key, body, act))
    except KeyReusedError:
        return refuse(Problem(catalog.CONFLICT, "The key came with another request before."))


def _put_project(store: Store, call: Call) -> Answer:
    return _kept(store, "project", call, "FPR", "erp_project_id", _body(call))


def _put_schedule(store: Store, call: Call) -> Answer:
    """Replace the lines that are not invoiced; those that are stay as they are."""
    reference, body = str(call.values["reference"]), _body(call)
    known = store.get("erp", "schedule", reference) or {"lines": []}
    issued = {line["line"]: line for line in known["lines"] if line.get("state") == "invoiced"}
    lines = [issued.get(line["line"], {**line, "state": "planned"}) for line in body["lines"]]
    named = {line["line"] for line in lines}
    lines = [line for name, line in issued.items() if name not in named] + lines
    record = {"reference": reference, "currency": body["currency"], "lines": lines}
    store.put("erp", "schedule", reference, record)
    return Answer(200, store.noted("erp", "putBillingSchedule", reference, record))


def _put_forecast(store: Store, call: Call) -> Answer:
    reference = str(call.values["reference"])
    record = store.put("erp", "forecast", reference, _body(call))
    return Answer(200, store.noted("erp", "putForecast", reference, record))


def _put_invoice(store: Store, call: Call) -> Answer:
    reference, body = str(call.values["reference"]), _body(call)
    known = store.get("erp", "invoice", reference)
    if known and known["state"] == "posted":
        if known["total"] == body["total"]:
            return Answer(200, known)
        return refuse(
            Problem(catalog.CONFLICT, "The invoice is posted; credit it and make a new one.")
        )
    period = store.get("erp", "period", body["period"])
    if period is not None and period["state"] == "closed":
        return refuse(Problem(catalog.CONFLICT, "The period is closed."))
    return _kept(
        store, "invoice", call, "INV", "invoice_id", {**body, "number": None, "state": "draft"}
    )


def _post_invoice(store: Store, call: Call) -> Answer:
    own = str(call.values["invoiceId"])
    found = next((i for i in store.all("erp", "invoice") if i["invoice_id"] == own), None)
    if found is None:
        return missing("invoice")

    def post() -> Record:
        number = sum(1 for each in store.all("erp", "invoice") if each["state"] == "posted") + 1
        posted = {**found, "state": "posted", "number": found["number"] or f"2026-{number:05}"}
        return store.put("erp", "invoice", found["reference"], posted)

    try:
        key = call.headers["idempotency-key"]
        return Answer(200, store.once("erp", "postInvoice", key, own, post))
    except KeyReusedError:
        return refuse(Problem(catalog.CONFLICT, "The key came with another request before."))
