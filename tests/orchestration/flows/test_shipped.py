"""The flows that ship, end to end: real processes, the demo firm's systems, both databases."""

import json

import pytest
from firm_world import deal, firm
from flow_world import settled
from registry_world import DATABASES, database
from sqlalchemy import select

from orchestration.runs import intake, people
from orchestration.sandbox.firm.seed import key
from orchestration.triggers import SCHEDULE
from orchestration.worker import now
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import CrossReference, Fact, FlowException


@pytest.fixture(params=DATABASES)
def world(request, tmp_path):
    with database(request.param, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        with firm(tmp_path, url) as made:
            made.engine = engine
            yield made
        engine.dispose()


def rows(world, table):
    with transaction(world.engine, writes=False) as session:
        return session.scalars(select(table)).all()


def run_of(world, flow, count=1):
    found = [run for run in settled(world.engine) if run.flow == flow]
    assert len(found) == count
    return found[-1]


def wait_for_runs(world, count):
    import time

    until = time.monotonic() + 40
    while time.monotonic() < until:
        found = settled(world.engine)
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_customer_that_finance_knows_by_another_reference_is_not_made_twice(world):
    ours = key("Account", 5)
    account = world.answer(f"/crm/services/data/v62.0/sobjects/Account/{ours}")
    theirs = {"name": "Harbour", "country": account["BillingCountryCode"]}
    theirs |= {"tax_id": account["Tax_Id__c"]}
    world.answer("/erp/customers/by-reference/F-77", theirs, "PUT")
    world.worker()
    world.act("win-deal", opportunity=deal(5))
    wait_for_runs(world, 1)
    run = run_of(world, "opportunity-to-project")
    assert (run.state, run.step) == ("done", "")
    (customer,) = world.answer("/erp/customers")["customers"]
    assert (customer["reference"], customer["name"]) == ("F-77", account["Legal_Name__c"])
    project = world.answer(f"/psa/projects/by-reference/{deal(5)}")
    assert project["customer_reference"] == "F-77"
    links = {(row.system, row.external_id) for row in rows(world, CrossReference)}
    assert links == {("crm.sales", ours), ("erp.finance", "F-77")}


def test_from_deal_to_invoice_to_forecast(world):
    world.worker()
    world.act("win-deal", opportunity=deal(5))  # billed by milestones
    (run,) = wait_for_runs(world, 1)
    assert (run.state, run.step) == ("done", "")
    assert world.effects() == {
        "crm.updateOpportunity": 1, "erp.putBillingSchedule": 1, "erp.putCustomer": 1,
        "erp.putProject": 1, "jira.createProject": 1, "psa.putMilestones": 1, "psa.putProject": 1,
        "servicenow.createRecord": 1,
    }  # fmt: skip
    won = world.answer(f"/crm/services/data/v62.0/sobjects/Opportunity/{deal(5)}")
    project = world.answer(f"/psa/projects/by-reference/{deal(5)}")
    assert won["Project_Id__c"] == project["project_id"]
    assert project["budget"]["amount"] == "147500.00"

    world.act("approve-time", project=deal(5), period="2026-03", entries=4)
    wait_for_runs(world, 2)
    invoice = world.answer(f"/erp/invoices/by-reference/{deal(5)}:2026-03:1")
    # 7.50 at 145 and 4.25 at 145, 6.00 at 120, 8.00 at 98
    assert (invoice["state"], invoice["total"]) == ("posted", "3207.75")
    time = world.answer(f"/psa/projects/by-reference/{deal(5)}/approved-time?period=2026-03")
    assert {entry["invoice_number"] for entry in time["entries"]} == {invoice["number"]}

    world.act("approve-change-order", opportunity=deal(5), value=12_000, hours=100)
    wait_for_runs(world, 3)
    project = world.answer(f"/psa/projects/by-reference/{deal(5)}")
    assert (project["budget"]["amount"], project["budget"]["hours"]) == ("159500.00", "1329.00")
    schedule = world.answer(f"/erp/billing-schedules/{deal(5)}")
    assert [line["amount"] for line in schedule["lines"]][-1] == "12000.00"
    assert {run.state for run in settled(world.engine)} == {"done"}
    assert [fact.type for fact in rows(world, Fact)] == [
        "project.activated", "time.approved", "invoice.posted", "forecast.updated",
    ]  # fmt: skip


def test_what_a_person_has_to_mend(world):
    worker = world.worker()
    world.act("win-deal", opportunity=deal(12))  # its account has no tax id
    (run,) = wait_for_runs(world, 1)
    assert (run.state, run.step) == ("exception", "has_tax_id")
    (held,) = rows(world, FlowException)
    assert (held.owner, held.category, held.amount, held.currency) == (
        "delivery-operations", "validation", "270000.00", "EUR",
    )  # fmt: skip
    assert world.effects() == {}
    account = world.answer(f"/crm/services/data/v62.0/sobjects/Opportunity/{deal(12)}")["AccountId"]
    world.act("complete-account", account=account, tax_id="GB123456789")
    with transaction(world.engine, writes=True) as session:
        people.retry(session, held.id, "person:kim", now())
    (run,) = wait_for_runs(world, 1)
    assert run.state == "done"
    assert rows(world, FlowException)[0].state == "resolved"
    assert worker.poll() is None


@pytest.mark.parametrize(
    ("system", "kind", "operation"),
    [("erp", "429", ""), ("erp", "5xx-after-commit", "putProject"), ("jira", "5xx-after-commit", "createProject"),
     ("servicenow", "5xx-after-commit", "createRecord"), ("crm", "5xx", "getAccount")],
)  # fmt: skip
def test_trouble_of_a_system_leaves_one_effect(world, system, kind, operation):
    world.fault(system, kind, 1, operation)
    world.worker()
    world.act("win-deal", opportunity=deal(5))
    (run,) = wait_for_runs(world, 1)
    assert run.state == "done"
    assert set(world.effects().values()) == {1}


def settled_runs(world, **counts):
    """Wait until so many runs of each flow have ended, and return them by flow."""
    import time

    until = time.monotonic() + 40
    while True:
        found = {}
        for run in settled(world.engine):
            found.setdefault(run.flow.replace("-", "_"), []).append(run)
        if all(len(found.get(flow, [])) >= count for flow, count in counts.items()):
            return found
        assert time.monotonic() < until, {flow: len(each) for flow, each in found.items()}
        time.sleep(0.05)


def account_of(world, number):
    return world.answer(f"/crm/services/data/v62.0/sobjects/Opportunity/{deal(number)}")[
        "AccountId"
    ]


def test_a_finished_issue_reaches_its_milestone_and_finance(world):
    world.worker()
    world.act("win-deal", opportunity=deal(5))
    wait_for_runs(world, 1)
    issue = world.act("finish-milestone", project=deal(5))["issue"]
    found = settled_runs(world, delivery_to_finance=1)["delivery_to_finance"]
    assert [run.state for run in found] == ["done"]
    effects = world.effects()
    assert (effects["psa.reachMilestone"], effects["erp.createBillingEvent"]) == (1, 1)
    schedule = world.answer(f"/erp/billing-schedules/{deal(5)}")
    assert [line["state"] for line in schedule["lines"]] == ["due", "planned", "planned"]
    fact = rows(world, Fact)[-1]
    assert (fact.type, fact.data["amount"], fact.data["milestone"]) == (
        "milestone.reached",
        "44250.00",
        "Design",
    )
    assert world.answer(f"/jira/rest/api/3/issue/{issue}")["fields"]["status"]["name"] == "Done"


def test_customers_stay_alike_and_each_field_has_one_owner(world):
    worker = world.worker()
    world.act("win-deal", opportunity=deal(5))
    wait_for_runs(world, 1)
    account = account_of(world, 5)
    # Sales renames: finance follows, its own event finds nothing to change, and the loop ends.
    world.act("change-account", account=account, Legal_Name__c="Harbour Group plc")
    found = settled_runs(world, customer_to_finance=1, customer_to_sales=1)
    assert {run.state for flow in found.values() for run in flow} == {"done"}
    assert world.answer(f"/erp/customers/by-reference/{account}")["name"] == "Harbour Group plc"
    # Finance sets terms: sales sees them; its event finds nothing to change.
    world.act("change-customer", customer=account, payment_terms="NET60", credit_status="watched")
    settled_runs(world, customer_to_finance=2, customer_to_sales=2)
    seen = world.answer(f"/crm/services/data/v62.0/sobjects/Account/{account}")
    assert (seen["Payment_Terms__c"], seen["Credit_Status__c"]) == ("NET60", "watched")
    before = world.effects()
    # A tax id is not for sales to change.
    world.act("change-account", account=account, Tax_Id__c="XX999999999")
    found = settled_runs(world, customer_to_finance=3)["customer_to_finance"]
    assert (found[-1].state, found[-1].step) == ("exception", "known/0.written")
    assert world.effects() == before
    (held,) = rows(world, FlowException)
    assert (held.owner, held.category) == ("master-data", "conflict")
    assert world.answer(f"/erp/customers/by-reference/{account}")["tax_id"] != "XX999999999"
    assert worker.poll() is None


def test_a_reconciliation_names_each_difference_and_its_repair(world):
    world.worker()
    for number in (5, 6):
        world.act("win-deal", opportunity=deal(number))
    wait_for_runs(world, 2)
    with transaction(world.engine, writes=True) as session:
        event = intake.Event(
            "treaty:schedule", "now", SCHEDULE, "", {"flow": "customer-reconciliation"}, now()
        )
        assert intake.accept(session, event, now()) == 1
    found = settled_runs(world, customer_reconciliation=1)["customer_reconciliation"]
    # Finance has set terms that nobody has told sales of.
    assert (found[-1].state, found[-1].step) == ("exception", "agree")
    told = [fact for fact in rows(world, Fact) if fact.type.startswith("reconciliation.")]
    fields = {(fact.data["field"], fact.data["repair_in"]) for fact in told[:-1]}
    assert fields == {("payment_terms", "crm"), ("credit_status", "crm")}
    assert told[-1].data == {
        "entity": "customer",
        "compared": 2,
        "differing": 4,
        "missing": 0,
        "twice": 0,
    }


def test_a_subcontractors_file_reaches_the_psa_entry_by_entry(world):
    folder = world.folder / "in"
    folder.mkdir()
    settings = json.loads((world.folder / "systems.yaml").read_text())
    settings["exchanges"] = {
        "subcontractor-time": {
            "url": str(folder), "every_seconds": 0.1, "group_by": ["project"],
            "schema": {"contract": "subcontractor.time", "version": "1.0.0"},
        }
    }  # fmt: skip
    (world.folder / "systems.yaml").write_text(json.dumps(settings))
    world.worker()
    world.act("win-deal", opportunity=deal(5))
    wait_for_runs(world, 1)
    lines = [f"ACME-IT,{n},{deal(5)},Somebody,2026-03-{n:02},{n}.5" for n in range(1, 6)]
    head = "subcontractor,entry,project,person,work_date,hours"
    (folder / "march.csv").write_text(
        "\n".join([head, *lines, f"ACME-IT,6,{deal(5)},,2026-03-06,1"])
    )
    found = settled_runs(world, subcontractor_time_import=1)["subcontractor_time_import"]
    assert [run.state for run in found] == ["done"]
    assert world.effects()["psa.putTimeEntry"] == 5
    assert rows(world, Fact)[-1].data["hours"] == "17.50"
    answer = json.loads((folder / "answers" / "march.csv.ack.json").read_text())
    assert (answer["state"], answer["rows"], answer["rejected"]) == ("partly", 5, 1)
