"""Files in a folder, from arrival to answer: each content once, whatever happens in between."""

import json
import os
from datetime import UTC, datetime

import pytest
from registry_world import DATABASES, database
from sqlalchemy import select

from orchestration.exchange import receiving
from orchestration.exchange.folder import Folder
from orchestration.exchange.receiving import Receiver
from orchestration.exchange.settings import ExchangeSettings
from orchestration.reading import read_flow
from orchestration.runs import deploying
from orchestration.shelf import Shelf
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import ExchangeFile, Run

NOW = datetime(2026, 3, 28, 10, 0, tzinfo=UTC)
HEAD = "subcontractor,entry,project,person,work_date,hours\n"
FLOW = b"""
flow: import
version: 1.0.0
title: Files
pattern: file
trigger: {file: time}
criticality: low
owner: ops
sla: 1d
exceptions: {to: ops, sla: 1d}
key: event.data.group.project
systems: {}
steps: [{step: count, let: $count(event.data.rows)}]
"""


@pytest.fixture(params=DATABASES)
def place(request, tmp_path):
    with database(request.param, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        flow, _ = read_flow(FLOW, source="import.yaml")
        with transaction(engine, writes=True) as session:
            deploying.deploy(session, flow, {}, NOW)
        (tmp_path / "in").mkdir()
        yield tmp_path / "in", engine
        engine.dispose()


def receiver(place, **more):
    folder, engine = place
    schema = {"contract": "subcontractor.time", "version": "1.0.0"}
    settings = ExchangeSettings(url=str(folder), schema=schema, group_by=("project",), **more)
    return Receiver("time", settings, Shelf().contract("subcontractor.time", "1.0.0"), engine)


def row(entry, project="P1", hours="1.5"):
    return f"ACME,{entry},{project},Somebody,2026-03-02,{hours}\n"


def looked(made, times=2):
    return sum(made.tick(NOW) for _ in range(times))


def rows(engine, table):
    with transaction(engine, writes=False) as session:
        return session.scalars(select(table)).all()


def ack(folder, name):
    return json.loads((folder / "answers" / f"{name}.ack.json").read_text())


def test_a_file_becomes_a_run_per_group_and_its_sender_is_told(place):
    folder, engine = place
    made = receiver(place)
    (folder / "march.csv").write_text(HEAD + row(1) + row(2, "P2") + row(3) + row(4, hours="lots"))
    assert made.tick(NOW) == 0, "it may still be written to"
    assert made.tick(NOW) == 2
    assert {run.business_key: len(run.event["data"]["rows"]) for run in rows(engine, Run)} == {
        "P1": 2,
        "P2": 1,
    }
    told = ack(folder, "march.csv")
    assert (told["state"], told["rows"], told["rejected"]) == ("partly", 3, 1)
    rejects = (folder / "answers" / "march.csv.rejects.csv").read_text().splitlines()
    assert rejects == ["line,field,reason", "5,hours,breaks `pattern` of the contract"]
    assert "Somebody" not in "".join(rejects)
    assert [each.name.partition("-")[2] for each in (folder / "archive").iterdir()] == ["march.csv"]
    assert looked(made) == 0


def test_a_file_that_comes_twice_counts_once(place):
    folder, engine = place
    made = receiver(place)
    for name in ("one.csv", "again.csv"):
        (folder / name).write_text(HEAD + row(1))
        looked(made)
    assert len(rows(engine, Run)) == 1
    assert ack(folder, "again.csv")["state"] == "duplicate"
    assert ack(folder, "again.csv")["first_file"] == "one.csv"
    # A corrected file has another content.
    (folder / "one.csv").write_text(HEAD + row(1) + row(2))
    assert looked(made) == 1
    assert [(each.rows, each.times) for each in rows(engine, ExchangeFile)] == [(1, 2), (2, 1)]


@pytest.mark.parametrize("point", ["answer", "put_away"])
def test_a_crash_on_the_way_doubles_nothing_and_loses_nothing(place, monkeypatch, point):
    folder, engine = place

    def die(*_):
        raise OSError("the process dies here")

    with monkeypatch.context() as patched:
        patched.setattr(Folder, point, die)
        (folder / "march.csv").write_text(HEAD + row(1) + row(2, hours="lots"))
        with pytest.raises(OSError, match="dies here"):
            looked(receiver(place))
    assert looked(receiver(place)) == 0
    assert len(rows(engine, Run)) == 1
    assert ack(folder, "march.csv")["state"] == "partly"
    assert (folder / "answers" / "march.csv.rejects.csv").exists()
    assert not (folder / "march.csv").exists()


def test_a_file_waits_for_its_control_record_and_is_refused_where_it_is_cut_short(place):
    folder, engine = place
    made = receiver(place, control=True)
    (folder / "march.csv").write_text(HEAD + row(1))
    assert looked(made, 3) == 0
    (folder / "march.csv.control.json").write_text('{"rows": 2}')
    assert looked(made) == 0
    assert "another number of rows" in ack(folder, "march.csv")["reason"]
    assert rows(engine, Run) == []
    assert sorted(each.name.partition("-")[2] for each in (folder / "quarantine").iterdir()) == [
        "march.csv", "march.csv.control.json",
    ]  # fmt: skip


def test_a_huge_file_is_refused_without_being_read(place, monkeypatch):
    folder, engine = place
    with (folder / "huge.csv").open("wb") as file:
        os.truncate(file.fileno(), 2 * 1024**3)  # sparse: it takes no room
    monkeypatch.setattr(Folder, "reading", lambda *_: pytest.fail("it was opened"))
    assert looked(receiver(place)) == 0
    assert ack(folder, "huge.csv")["reason"] == "it has more than 20000000 bytes"
    assert rows(engine, ExchangeFile)[0].state == "refused"


@pytest.mark.parametrize("name", ["a b.csv", "ä.csv", "x;rm -rf.csv", "-rf.csv", "%2e%2e.csv"])
def test_names_of_strangers_stay_names(place, name):
    folder, _ = place
    (folder / name).write_text(HEAD + row(1))
    assert looked(receiver(place)) == 1
    assert len(list((folder / "archive").iterdir())) == 1
    assert len(list((folder / "answers").glob("*.ack.json"))) == 1


def test_what_is_not_finished_is_left_alone(place):
    folder, engine = place
    for name in ("a.csv.part", "b.tmp", ".hidden", "c.csv.control.json"):
        (folder / name).write_text(HEAD + row(1))
    (folder / "sub").mkdir()
    made = receiver(place)
    assert looked(made, 3) == 0
    (folder / "slow.csv").write_text(HEAD)
    made.tick(NOW)
    (folder / "slow.csv").write_text(HEAD + row(1))
    assert made.tick(NOW) == 0
    assert made.tick(NOW) == 1
    assert rows(engine, ExchangeFile)[0].state == "accepted"


def test_a_file_that_no_flow_can_take_is_refused(place):
    folder, engine = place
    made = receiver(place)
    made.name = "another"
    (folder / "march.csv").write_text(HEAD + row(1))
    assert looked(made) == 0
    assert "No live flow waits for another." in ack(folder, "march.csv")["reason"]
    assert rows(engine, Run) == []


def test_long_groups_come_in_parts(place, monkeypatch):
    folder, engine = place
    monkeypatch.setattr(receiving, "_PART", 10)
    (folder / "march.csv").write_text(HEAD + "".join(row(n) for n in range(25)))
    assert looked(receiver(place)) == 3
    assert [len(run.event["data"]["rows"]) for run in rows(engine, Run)] == [10, 10, 5]
