"""What people do in the systems: win a deal, approve time, approve a change order, close a period.

Each act changes its system and tells an event, as the vendor's own notification would.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts import catalog
from contracts.errors import TreatyError
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


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
    won = {**deal, "StageName": "Closed Won", "LastModifiedDate": _now(), "_revision": revision}
    store.put("crm", "Opportunity", deal["Id"], won)
    data: Record = {"opportunity": deal["Id"], "revision": revision}
    store.tell("crm.opportunity.won", deal["Id"], data, _now())
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
    store.tell("psa.time.approved", project["reference"], data, _now())
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
    store.tell("crm.change_order.approved", own, data, _now())
    return data


def _period(state: str) -> Callable[[Store, Mapping[str, Any]], Record]:
    def change(store: Store, given: Mapping[str, Any]) -> Record:
        period = str(given.get("period", "2026-03"))[:7]
        return store.put("erp", "period", period, {"period": period, "state": state})

    return change


ACTS: Mapping[str, Callable[[Store, Mapping[str, Any]], Record]] = {
    "win-deal": _win,
    "complete-account": _complete_account,
    "approve-time": _approve_time,
    "approve-change-order": _approve_change,
    "close-period": _period("closed"),
    "open-period": _period("open"),
}


def deal(number: int) -> str:
    """Return the id of the seed's opportunity."""
    return key("Opportunity", number)
