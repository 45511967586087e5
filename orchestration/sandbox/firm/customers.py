"""The ERP's customers: kept under the caller's reference; finance sets terms and credit."""

from collections.abc import Mapping
from typing import Any

from contracts.document import Json
from orchestration.sandbox.firm.crm import timestamp
from orchestration.sandbox.firm.store import Record, Store
from orchestration.serving import Answer, Call

_FIRST = {"payment_terms": "NET30", "credit_status": "open"}


def put(store: Store, call: Call) -> Answer:
    """Create or change a customer."""
    reference = str(call.values["reference"])
    body = dict(call.body) if isinstance(call.body, dict) else {}
    known = store.get("erp", "customer", reference)
    if known is None:
        own = f"CUS{store.count('erp', 'customer') + 1:06}"
        record = {**_FIRST, **body, "customer_id": own, "reference": reference}
        store.put("erp", "customer", reference, record)
    else:
        record = change(store, known, body)
    return Answer(200, store.noted("erp", "putCustomer", reference, shown(record)))


def change(store: Store, customer: Record, changes: Mapping[str, Any]) -> Record:
    """Change a customer, whoever does it, and tell of it."""
    if all(customer.get(name) == value for name, value in changes.items()):
        return customer
    revision = int(customer.get("_revision", 0)) + 1
    record = {**customer, **changes, "_revision": revision}
    store.put("erp", "customer", customer["reference"], record)
    data: Record = {"customer": customer["reference"], "revision": revision}
    store.tell("erp.customer.changed", customer["reference"], data, timestamp())
    return record


def page(store: Store, call: Call) -> Answer:
    """List customers."""
    after, limit = str(call.values.get("after") or ""), int(str(call.values.get("limit") or 100))
    found = [each for each in store.all("erp", "customer") if each["reference"] > after]
    listed: list[Json] = [shown(each) for each in found[:limit]]
    following = found[limit - 1]["reference"] if len(found) > limit else None
    return Answer(200, {"customers": listed, "next": following})


def shown(record: Record) -> Record:
    """Return the record without what is the sandbox's own."""
    return {name: value for name, value in record.items() if not name.startswith("_")}
