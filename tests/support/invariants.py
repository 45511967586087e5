"""What must hold whatever happened to workers, systems and events: checked at the end of a chaos test."""

from decimal import Decimal

from sqlalchemy import select

from orchestration.runs import intake
from orchestration.worker import now
from registry.business.board import metric
from registry.db.engine import transaction
from registry.db.models import Fact, InboxEvent, OutboxEvent, Run

ENDED = {"done", "exception", "superseded", "discarded"}


def each_event_ends_once(engine):
    """Every accepted event has the runs that it began, each of them ended in exactly one way."""
    with transaction(engine, writes=False) as session:
        begun = {}
        for run in session.scalars(select(Run)):
            assert run.state in ENDED, (run.flow, run.business_key, run.state, run.step)
            begun.setdefault((run.source, run.event_id), []).append(run.flow)
        for event in session.scalars(select(InboxEvent)):
            flows = begun.get((event.source, event.id), [])
            assert (len(flows), len(set(flows))) == (event.runs, event.runs)


def each_fact_is_told_once(engine):
    """Facts and events for others are written together, once per step of a run."""
    with transaction(engine, writes=False) as session:
        facts = [fact.id for fact in session.scalars(select(Fact))]
        events = [str(event.id) for event in session.scalars(select(OutboxEvent))]
    assert len(set(facts)) == len(facts)
    assert sorted(facts) == sorted(set(events) & set(facts))


def one_effect_per_key(world, deals):
    """Systems hold one record where one was meant, also those that know no idempotency key."""
    for effect in world.answer("/-/effects")["effects"]:
        if effect["operation"] in (
            "postInvoice",
            "createBillingEvent",
            "createProject",
            "createRecord",
        ):
            assert effect["times"] == 1, effect
    records = world.answer("/servicenow/api/now/table/u_engagement?sysparm_limit=100")["result"]
    assert sorted(each["correlation_id"] for each in records) == sorted(deals)
    customers = world.answer("/erp/customers?limit=200")["customers"]
    assert len({each["tax_id"] for each in customers}) == len(customers)


def approved_is_invoiced_or_awaiting(world, engine, told):
    """Approved time = invoiced + awaiting, by entry, hours and money; the board says the same.

    `told` are the (deal, period) pairs whose time was approved.
    """
    awaiting = Decimal(0)
    for deal, period in told:
        time = world.answer(f"/psa/projects/by-reference/{deal}/approved-time?period={period}")
        open_ = [entry for entry in time["entries"] if entry["invoice_number"] is None]
        awaiting += sum((Decimal(entry["hours"]) for entry in open_), Decimal(0))
        invoiced = {}
        for revision in range(1, 20):
            found = find(world, f"/erp/invoices/by-reference/{deal}:{period}:{revision}")
            if found is None or found["state"] != "posted":
                continue
            for line in found["lines"]:
                assert line["source"] not in invoiced, "a time entry is on two invoices"
                invoiced[line["source"]] = (found["number"], Decimal(line["net"]))
        entries = {e["entry_id"]: e for e in time["entries"] if e["invoice_number"]}
        assert {name: number for name, (number, _) in invoiced.items()} == {
            name: entry["invoice_number"] for name, entry in entries.items()
        }
        for name, entry in entries.items():
            net = Decimal(entry["hours"]) * Decimal(entry["rate"])
            assert invoiced[name][1] == net.quantize(Decimal("0.01"))
    with transaction(engine, writes=False) as session:
        figure = metric("approved-time-awaiting-billing").compute(session, now())
    assert Decimal(figure.value or 0) == awaiting


def find(world, path):
    """Return what a path answers, or None where there is nothing."""
    import urllib.error

    try:
        return world.answer(path)
    except urllib.error.HTTPError as error:
        assert error.code == 404
        return None


def nobody_writes_what_another_owns(world, deals, finance):
    """Finance's fields are those that finance set, sales' names those of sales, on both sides."""
    for deal in deals:
        won = world.answer(f"/crm/services/data/v62.0/sobjects/Opportunity/{deal}")
        account = world.answer(f"/crm/services/data/v62.0/sobjects/Account/{won['AccountId']}")
        customer = world.answer(f"/erp/customers/by-reference/{won['AccountId']}")
        assert customer["name"] == account["Legal_Name__c"]
        terms = finance.get(customer["reference"], "NET30")
        assert customer["payment_terms"] == terms
        if customer["reference"] in finance:
            assert account["Payment_Terms__c"] == terms


def budgets_hold_every_change(world, engine, changes, budgets):
    """Each change order is in the budget once, whatever the order of their events."""
    for deal, deltas in changes.items():
        project = world.answer(f"/psa/projects/by-reference/{deal}")
        assert Decimal(project["budget"]["amount"]) == budgets[deal] + sum(deltas)
        marks = project["budget"]["basis"].split("+")[1:]
        assert sorted(map(int, marks)) == list(range(1, len(deltas) + 1))


def replay_does_nothing(world, engine):
    """Every event sent again: nothing new begins, no system sees a write."""
    before = world.answer("/-/effects")
    with transaction(engine, writes=True) as session:
        for row in session.scalars(select(InboxEvent)).all():
            event = intake.Event(row.source, row.id, row.type, row.subject, row.data, row.at)
            assert intake.accept(session, event, now()) == -1
    assert world.answer("/-/effects") == before
