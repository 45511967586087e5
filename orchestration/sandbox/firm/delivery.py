"""The PSA behind `psa.delivery` 1.0.0."""

from decimal import Decimal

from contracts import catalog
from contracts.document import Json
from contracts.problem import Problem
from orchestration.sandbox.firm.erp import missing
from orchestration.sandbox.firm.store import Record, Store
from orchestration.serving import Answer, Answerer, Call, refuse


def answers(store: Store) -> Answerer:
    """Return who answers."""

    def answer(call: Call) -> Answer:
        name = call.operation.name
        if store.full:
            return refuse(Problem(catalog.CONFLICT, "The sandbox is full; delete its data folder."))
        with store.change():
            if name == "putInvoiceReference":
                return _invoiced(store, call)
            reference = str(call.values["reference"])
            if name == "putTimeEntry":
                return _hand_in(store, reference, call)
            project = store.get("psa", "project", reference)
            if name == "putProject":
                return Answer(200, _shown(_put(store, reference, project, call)))
            if project is None:
                return missing("project")
            return _of_project(store, name, reference, project, call)

    return answer


def _of_project(store: Store, name: str, reference: str, project: Record, call: Call) -> Answer:
    if name == "listApprovedTime":
        return Answer(200, _time(store, project, str(call.values["period"])))
    if name == "putMilestones":
        lines: list[Json] = [
            {"state": "planned", **line}
            for line in (call.body if isinstance(call.body, list) else [])
            if isinstance(line, dict)
        ]
        store.put("psa", "project", reference, {**project, "_milestones": lines})
        store.noted("psa", name, reference, {"milestones": lines})
        return Answer(200, lines)
    if name == "reachMilestone":
        return _reached(store, reference, project, call)
    if name == "putBudget":
        project = store.put("psa", "project", reference, {**project, "budget": call.body})
        store.noted("psa", name, reference, {"budget": call.body})
    return Answer(200, _shown(project))


def _hand_in(store: Store, reference: str, call: Call) -> Answer:
    body = dict(call.body) if isinstance(call.body, dict) else {}
    if store.get("psa", "project", str(body["project_reference"])) is None:
        return missing("project")
    known = store.get("psa", "handed_in", reference)
    if known is not None and known["state"] != "submitted":
        return refuse(Problem(catalog.CONFLICT, "The time has been decided upon already."))
    record = {"reference": reference, "state": "submitted", **body}
    store.put("psa", "handed_in", reference, record)
    shown = {name: record[name] for name in ("reference", "state", "project_reference", "hours")}
    return Answer(200, store.noted("psa", "putTimeEntry", reference, shown))


def _reached(store: Store, reference: str, project: Record, call: Call) -> Answer:
    wanted = str(call.values["milestone"])
    body = call.body if isinstance(call.body, dict) else {}
    lines = project["_milestones"]
    found = next((line for line in lines if line.get("reference") == wanted), None)
    if found is None:
        return missing("milestone")
    reached = {**found, **body, "state": "reached"}
    kept = [reached if line is found else line for line in lines]
    store.put("psa", "project", reference, {**project, "_milestones": kept})
    store.noted("psa", "reachMilestone", f"{reference}/{wanted}", reached)
    return Answer(200, reached)


def _put(store: Store, reference: str, known: Record | None, call: Call) -> Record:
    body = dict(call.body) if isinstance(call.body, dict) else {}
    own = known or {
        "project_id": f"P{store.count('psa', 'project') + 1:06}",
        "worked_hours": "0.00", "cost": "0.00", "_milestones": [],
    }  # fmt: skip
    record = store.put("psa", "project", reference, {**own, **body, "reference": reference})
    return store.noted("psa", "putProject", reference, record)


def _shown(project: Record) -> Record:
    return {name: value for name, value in project.items() if not name.startswith("_")}


def _time(store: Store, project: Record, period: str) -> Record:
    entries = [
        entry
        for entry in store.all("psa", "time")
        if entry["_project"] == project["reference"] and entry["work_date"].startswith(period)
    ]
    spent = sum(
        (Decimal(e["hours"]) * Decimal(e["rate"] or "0") for e in entries if e["invoice_number"]),
        Decimal(0),
    )
    left = Decimal(project["budget"]["amount"]) - spent
    return {
        "project_id": project["project_id"],
        "customer_reference": project["customer_reference"],
        "currency": project["budget"]["currency"],
        "budget_left": f"{left:.2f}",
        "entries": [_shown(entry) for entry in entries],
    }


def _invoiced(store: Store, call: Call) -> Answer:
    key = str(call.values["entryId"])
    found = store.get("psa", "time", key)
    if found is None:
        return missing("time entry")
    number = call.body["invoice_number"] if isinstance(call.body, dict) else None
    record = store.put("psa", "time", key, {**found, "invoice_number": number})
    store.noted("psa", "putInvoiceReference", key, _shown(record))
    return Answer(200, _shown(record))
