"""What people do in the systems: win a deal, approve time, approve a change order, close a period.

Each act changes its system and tells an event, as the vendor's own notification would.
"""

from collections.abc import Callable, Mapping
from typing import Any

from contracts import catalog
from contracts.errors import TreatyError
from orchestration.sandbox.firm import crm, customers
from orchestration.sandbox.firm.seed import key
from orchestration.sandbox.firm.store import Record, Store

_HOURS = ("7.50", "6.00", "8.00", "4.25")
_RATES = ("145.00", "120.00", "98.00")


def act(store: Store, name: str, given: Mapping[str, Any]) -> Record:
    """Do it and return what became of it. Raises `TreatyError` (not-found, invalid-request)."""
    doing = ACTS.get(name)
    if doing is None:
        raise TreatyError(catalog.NOT_FOUND, f"Try one of: {', '.join(ACTS)}.")
    with store.change():
        return doing(store, given)


def _need(store: Store, system: str, kind: str, given: Mapping[str, Any], name: str) -> Record:
    wanted = given.get(name)
    if not isinstance(wanted, str):
        raise TreatyError(catalog.INVALID_REQUEST, f"Say which one with `{name}`.")
    found = store.get(system, kind, wanted)
    if found is None:
        raise TreatyError(catalog.NOT_FOUND, f"There is no {kind} {wanted[:60]!r}.")
    return found


def _win(store: Store, given: Mapping[str, Any]) -> Record:
    deal = _need(store, "crm", "Opportunity", given, "opportunity")
    revision = int(deal.get("_revision", 0)) + 1
    won = {
        **deal,
        "StageName": "Closed Won",
        "LastModifiedDate": crm.timestamp(),
        "_revision": revision,
    }
    store.put("crm", "Opportunity", deal["Id"], won)
    data: Record = {"opportunity": deal["Id"], "revision": revision}
    store.tell("crm.opportunity.won", deal["Id"], data, crm.timestamp())
    return data


def _complete_account(store: Store, given: Mapping[str, Any]) -> Record:
    account = _need(store, "crm", "Account", given, "account")
    tax = given.get("tax_id")
    if not isinstance(tax, str) or not tax:
        raise TreatyError(catalog.INVALID_REQUEST, "Say the `tax_id`.")
    store.put("crm", "Account", account["Id"], {**account, "Tax_Id__c": tax[:30]})
    return {"account": account["Id"]}


def _approve_time(store: Store, given: Mapping[str, Any]) -> Record:
    project = _need(store, "psa", "project", given, "project")
    period, count = str(given.get("period", "2026-03")), int(given.get("entries", 4))
    revision = int(project.get("_time", 0)) + 1
    first = store.count("psa", "time")
    for index in range(min(max(count, 1), 200)):
        entry = f"TE{first + index + 1:06}"
        rate = None if given.get("without_rate") else _RATES[index % 3]
        store.put("psa", "time", entry, {
            "entry_id": entry, "work_date": f"{period}-{index % 28 + 1:02}", "hours": _HOURS[index % 4],
            "rate": rate, "approval_version": 1, "invoice_number": None,
            "_project": project["reference"],
        })  # fmt: skip
    store.put("psa", "project", project["reference"], {**project, "_time": revision})
    data: Record = {"project": project["reference"], "period": period, "revision": revision}
    store.tell("psa.time.approved", project["reference"], data, crm.timestamp())
    return data


def _approve_change(store: Store, given: Mapping[str, Any]) -> Record:
    deal = _need(store, "crm", "Opportunity", given, "opportunity")
    version = int(deal.get("_changes", 0)) + 1
    own = f"a02{store.count('crm', 'ChangeOrder') + 1:012}AAA"
    store.put("crm", "ChangeOrder", own, {
        "Id": own, "Name": f"CO-{version}", "Contract__c": deal["ContractId"],
        "Opportunity__c": deal["Id"], "Status__c": "Approved",
        "Delta_Value__c": float(given.get("value", 12_000)), "Delta_Hours__c": float(given.get("hours", 100)),
        "New_End_Date__c": None, "Version__c": version,
    })  # fmt: skip
    store.put("crm", "Opportunity", deal["Id"], {**deal, "_changes": version})
    data: Record = {"change_order": own, "opportunity": deal["Id"], "version": version}
    store.tell("crm.change_order.approved", own, data, crm.timestamp())
    return data


def _period(state: str) -> Callable[[Store, Mapping[str, Any]], Record]:
    def change(store: Store, given: Mapping[str, Any]) -> Record:
        period = str(given.get("period", "2026-03"))[:7]
        return store.put("erp", "period", period, {"period": period, "state": state})

    return change


def _change_account(store: Store, given: Mapping[str, Any]) -> Record:
    account = _need(store, "crm", "Account", given, "account")
    names = ("Name", "Legal_Name__c", "Tax_Id__c", "BillingStreet", "BillingCity")
    changes = {name: str(given[name])[:80] for name in names if isinstance(given.get(name), str)}
    crm.change_account(store, account, changes)
    return {"account": account["Id"], **changes}


def _change_customer(store: Store, given: Mapping[str, Any]) -> Record:
    customer = _need(store, "erp", "customer", given, "customer")
    allowed = {
        "payment_terms": ("NET14", "NET30", "NET60"),
        "credit_status": ("open", "watched", "blocked"),
    }
    changes: Record = {n: given[n] for n, known in allowed.items() if given.get(n) in known}
    if isinstance(given.get("tax_id"), str):
        changes["tax_id"] = given["tax_id"][:30]
    customers.change(store, customer, changes)
    return {"customer": customer["reference"], **changes}


def _finish(store: Store, given: Mapping[str, Any]) -> Record:
    """Close the issue that completes the next milestone of an engagement."""
    project = _need(store, "psa", "project", given, "project")
    open_lines = [line for line in project["_milestones"] if line.get("state") == "planned"]
    if not open_lines or "reference" not in open_lines[0]:
        raise TreatyError(catalog.INVALID_STATE, "No milestone of this project is open.")
    number = store.count("jira", "issue") + 1
    prefix = f"P{project['reference'][9:15]}"
    issue = f"{prefix}-{number}"
    store.put("jira", "issue", issue, {
        "id": str(20_000 + number), "key": issue,
        "fields": {
            "summary": f"Complete {open_lines[0]['name']}", "resolutiondate": crm.timestamp(),
            "status": {"name": "Done", "statusCategory": {"key": "done"}},
            "customfield_10050": open_lines[0]["reference"], "customfield_10051": project["reference"],
        },
    })  # fmt: skip
    data: Record = {"issue": issue}
    store.tell("jira.issue.done", issue, data, crm.timestamp())
    return data


ACTS: Mapping[str, Callable[[Store, Mapping[str, Any]], Record]] = {
    "win-deal": _win,
    "complete-account": _complete_account,
    "change-account": _change_account,
    "change-customer": _change_customer,
    "finish-milestone": _finish,
    "approve-time": _approve_time,
    "approve-change-order": _approve_change,
    "close-period": _period("closed"),
    "open-period": _period("open"),
}


def deal(number: int) -> str:
    """Return the id of the seed's opportunity."""
    return key("Opportunity", number)
