"""The ERP and PSA places taken by a Tryton that nobody here wrote: real processes, real accounting."""

import json
import time
import urllib.request
from datetime import UTC, datetime

import pytest
from firm_world import FirmWorld, deal
from flow_world import runs
from sqlalchemy import select
from tryton_world import Tryton

from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Fact

TODAY = datetime.now(UTC)
# One server for all of them, wherever they run.
pytestmark = pytest.mark.xdist_group("tryton")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A firm's books, set up once."""
    made = Tryton(tmp_path_factory.mktemp("tryton") / "server")
    made.start()
    try:
        made.set_up()
        yield made
    finally:
        made.stop()


class World(FirmWorld):
    def __init__(self, folder, tryton):
        super().__init__(folder, f"sqlite:///{folder}/treaty.db")
        self.tryton = tryton
        (folder / "key").write_text(tryton.key)
        settings = json.loads((folder / "systems.yaml").read_text())
        auth = {"style": "bearer", "token": {"file": str(folder / "key")}}
        settings["systems"]["tryton"] = {"base_url": f"{tryton.base}/rest", "auth": auth}
        (folder / "systems.yaml").write_text(json.dumps(settings))
        self.engine = make_engine(self.url)
        migrate(self.engine)

    def worker(self, driver="", **environment):
        return self.start(
            "worker", "--systems", "systems.yaml", "--data-dir", "data", "--lease-seconds", "1",
            "--flows", "pack:tryton", "--port", str(self.worker_port), driver=driver, **environment,
        )  # fmt: skip

    def tell(self, number, opportunity, first=2, hours=("8.00", "4.50")):
        """Tell that time was approved, as often as one likes."""
        entries = [
            {"entry": f"{opportunity}-{n}", "hours": each, "date": f"{TODAY:%Y}-01-{n:02}"}
            for n, each in enumerate(hours, first)
        ]
        body = {
            "specversion": "1.0", "id": f"time-{number}", "source": "test", "type": "delivery.time.approved",
            "time": TODAY.isoformat(),
            "data": {"opportunity": opportunity, "period": f"{TODAY:%Y}-01", "currency": "EUR", "entries": entries},
        }  # fmt: skip
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.worker_port}/events",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    def until_done(self, count, seconds=90):
        limit = time.monotonic() + seconds
        while True:
            found = runs(self.engine)
            if len(found) >= count and all(r.state not in ("waiting", "running") for r in found):
                assert {run.state for run in found} == {"done"}, [(r.flow, r.step) for r in found]
                return found
            assert time.monotonic() < limit, [(run.flow, run.state, run.step) for run in found]
            time.sleep(0.1)

    def invoices(self, number):
        return self.tryton.find(
            "account.invoice",
            [["reference", "=", f"{deal(number)}:{TODAY:%Y}-01"]],
            "state",
            "number",
            "total_amount",
        )


@pytest.fixture
def world(tmp_path, prepared):
    made = World(tmp_path, prepared)
    try:
        made.sandbox()
        yield made
    finally:
        made.end()
        made.engine.dispose()


def test_from_a_deal_to_a_posted_invoice(world):
    world.worker()
    world.act("win-deal", opportunity=deal(1))
    world.until_done(1)
    (party,) = world.tryton.find(
        "party.party", [["code", "like", "001%"]], "code", "name", "addresses.city"
    )
    assert (party["name"], party["addresses"][0]["city"]) == ("Harbour Logistics 1 Ltd", "Utrecht")
    assert world.tell(1, deal(1))["event"] == "accepted"
    assert world.tell(1, deal(1))["event"] == "known"
    world.until_done(2)
    (invoice,) = world.invoices(1)
    # 12.5 hours at 77500 / 645, rounded: 120.16
    assert (invoice["state"], invoice["total_amount"]["decimal"]) == ("posted", "1502.00")
    with transaction(world.engine, writes=False) as session:
        facts = session.scalars(select(Fact).order_by(Fact.seq)).all()
    assert [fact.type for fact in facts] == ["project.activated", "invoice.posted"]
    assert (facts[1].subject, facts[1].data["amount"]) == (invoice["number"], "1502.00")
    # The same time under another event is the same invoice, and nothing new to tell.
    assert world.tell(2, deal(1))["event"] == "accepted"
    world.until_done(3)
    assert world.invoices(1) == [invoice]
    with transaction(world.engine, writes=False) as session:
        assert len(session.scalars(select(Fact)).all()) == 2
    # Time that comes late is an invoice of its own.
    world.tell(3, deal(1), first=9, hours=("1.00",))
    world.until_done(4)
    assert sorted(each["total_amount"]["decimal"] for each in world.invoices(1)) == [
        "120.16",
        "1502.00",
    ]
    # A second deal of the same customer finds what is there.
    world.act("win-deal", opportunity=deal(1))
    world.until_done(5)
    assert len(world.tryton.find("party.party", [["code", "=", party["code"]]], "code")) == 1
    assert len(world.tryton.find("project.work", [["type", "=", "project"]], "name")) == 1


# The first boundary behind the entered time by default; `make chaos` dies at every one.
@pytest.mark.parametrize("at", ["9", pytest.param("1", marks=pytest.mark.thorough)])
def test_a_worker_that_dies_enters_and_posts_once(world, at):
    number = 2 if at == "1" else 4
    world.worker()
    world.act("win-deal", opportunity=deal(number))
    world.until_done(1)
    world.tell(1, deal(number))
    world.processes[-1].kill()
    world.processes[-1].wait(10)
    deaths = 0
    for _ in range(40):
        dying = world.worker(driver="drive_worker.py", KILL_AT=at, KILL_AFTER="1")
        limit = time.monotonic() + 60
        while dying.poll() is None and not _ended(world):
            assert time.monotonic() < limit
            time.sleep(0.05)
        if dying.poll() is None:
            break
        deaths += dying.returncode == -9
    assert deaths
    world.until_done(2)
    (invoice,) = world.invoices(number)
    assert invoice["state"] == "posted"
    entered = world.tryton.find(
        "timesheet.line", [["description", "like", f"{deal(number)}%"]], "description"
    )
    assert len(entered) == 2


def _ended(world):
    return all(run.state not in ("waiting", "running") for run in runs(world.engine))


def test_a_tryton_that_is_away_is_waited_for(world, prepared):
    prepared.stop()
    try:
        world.worker()
        world.act("win-deal", opportunity=deal(3))
        limit = time.monotonic() + 40
        while not any(run.leg > 1 for run in runs(world.engine)):
            assert time.monotonic() < limit
            time.sleep(0.1)
    finally:
        prepared.start()
    world.until_done(1)
    assert (
        len(
            world.tryton.find(
                "project.work",
                [["name", "like", f"%[{deal(3)}]"], ["type", "=", "project"]],
                "name",
            )
        )
        == 1
    )
