"""The CRM behind `crm.sales` 1.0.0."""

import re

from contracts.document import Json
from orchestration.sandbox.firm.store import Record, Store
from orchestration.serving import Answer, Answerer, Call

_QUERY = re.compile(
    r"SELECT FIELDS\(ALL\) FROM Milestone__c WHERE Contract__c = '([A-Za-z0-9]{15,18})'"
)
_KINDS = {
    "getOpportunity": "Opportunity",
    "getAccount": "Account",
    "getContract": "Contract",
    "getChangeOrder": "ChangeOrder",
}


def answers(store: Store) -> Answerer:
    """Return who answers."""

    def answer(call: Call) -> Answer:
        name = call.operation.name
        if name == "queryMilestones":
            return _milestones(store, str(call.values["q"]))
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
        return Answer(200, _shown(found))

    return answer


def _shown(record: Record) -> Json:
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
