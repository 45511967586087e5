"""The CRM behind `crm.sales` 1.0.0."""

import re
from datetime import UTC, datetime

from contracts import catalog
from contracts.document import Json
from contracts.problem import Problem
from orchestration.sandbox.firm.store import Record, Store
from orchestration.serving import Answer, Answerer, Call

_QUERY = re.compile(
    r"SELECT FIELDS\(ALL\) FROM Milestone__c WHERE Contract__c = '([A-Za-z0-9]{15,18})'"
)
_ACCOUNTS = re.compile(
    r"SELECT FIELDS\(ALL\) FROM Account WHERE Id > '([A-Za-z0-9]{0,18})' ORDER BY Id LIMIT ([1-9][0-9]?|1[0-9]{2}|200)"
)
_KINDS = {
    "getOpportunity": "Opportunity",
    "getAccount": "Account",
    "updateAccount": "Account",
    "getContract": "Contract",
    "getChangeOrder": "ChangeOrder",
}


def answers(store: Store) -> Answerer:
    """Return who answers."""

    def answer(call: Call) -> Answer:
        name = call.operation.name
        if name == "queryMilestones":
            return _milestones(store, str(call.values["q"]))
        if name == "queryAccounts":
            return _accounts(store, str(call.values["q"]))
        key = str(call.values["id"])
        found = store.get("crm", _KINDS.get(name, "Opportunity"), key)
        if found is None:
            return refused(
                404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible"
            )
        if name == "updateOpportunity":
            changes = call.body if isinstance(call.body, dict) else {}
            with store.change():
                changed = store.put("crm", "Opportunity", key, found | changes)
                store.noted("crm", name, key, changed)
            return Answer(204)
        if name == "updateAccount":
            changes = call.body if isinstance(call.body, dict) else {}
            with store.change():
                store.noted("crm", name, key, _shown(change_account(store, found, changes)))
            return Answer(204)
        return Answer(200, _shown(found))

    return answer


def change_account(store: Store, account: Record, changes: Record) -> Record:
    """Change an account, whoever does it, and tell of it."""
    revision = int(account.get("_revision", 0)) + 1
    changed = store.put(
        "crm", "Account", account["Id"], {**account, **changes, "_revision": revision}
    )
    data: Record = {"account": account["Id"], "revision": revision}
    store.tell("crm.account.changed", account["Id"], data, timestamp())
    return changed


def _accounts(store: Store, query: str) -> Answer:
    match = _ACCOUNTS.fullmatch(query)
    if match is None:
        return refused(400, "MALFORMED_QUERY", "unexpected token")
    found = [a for a in store.all("crm", "Account") if a["Id"] > match.group(1)]
    page: list[Json] = [_shown(each) for each in found[: int(match.group(2))]]
    done = len(found) <= int(match.group(2))
    return Answer(200, {"totalSize": len(found), "done": done, "records": page})


def timestamp() -> str:
    """Return the time as events carry it."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shown(record: Record) -> Record:
    return {name: value for name, value in record.items() if not name.startswith("_")}


def _milestones(store: Store, query: str) -> Answer:
    match = _QUERY.fullmatch(query)
    if match is None:
        return refused(400, "MALFORMED_QUERY", "unexpected token")
    found = [m for m in store.all("crm", "Milestone") if m["Contract__c"] == match.group(1)]
    records: list[Json] = [{k: v for k, v in each.items() if k != "Contract__c"} for each in found]
    return Answer(200, {"totalSize": len(records), "done": True, "records": records})


def refused(status: int, code: str, message: str) -> Answer:
    """Return an error as the vendor writes it."""
    return Answer(status, [{"message": message, "errorCode": code}])


def refusing(problem: Problem) -> Answer:
    """Return what breaks the contract as the vendor writes it."""
    status = problem.type.status
    if status == catalog.INVALID_REQUEST.status:
        return refused(400, "JSON_PARSER_ERROR", _told(problem))
    return refused(status, problem.type.slug.upper().replace("-", "_"), _told(problem))


def _told(problem: Problem) -> str:
    causes = [f"{each.pointer} {each.detail}" for each in problem.errors[:3]]
    return "; ".join(causes) or problem.detail
