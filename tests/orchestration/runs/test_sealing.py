"""Payloads of runs at rest: sealed by a key file, in our tables and in the engine's journal."""

import sqlite3
from contextlib import closing

import pytest
from flow_world import DEAL, deployed, erp_server, runs, settled, tell, working
from sqlalchemy import select

from contracts.errors import TreatyError
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import FlowException, InboxEvent, Run
from registry.db.sealing import SEALER

SECRETIVE = DEAL | {"customer": "secretive-gmbh"}


@pytest.fixture
def place(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/registry.db")
    migrate(engine)
    deployed(engine)
    yield tmp_path, engine
    SEALER.use(None)
    engine.dispose()


def run_one(folder, engine, status=409, **deal):
    with erp_server() as (erp, base):
        erp.on_call = lambda count: erp.troubles.extend([(status, {})] * (count == 2))
        with working(f"sqlite:///{folder}/registry.db", f"sqlite:///{folder}/journal.db", base):
            tell(engine, deal.pop("number", 1), **SECRETIVE | deal)
            return settled(engine)[-1]


def everything(folder):
    """Return all texts of both databases."""
    found = []
    for name in ("registry.db", "journal.db"):
        with closing(sqlite3.connect(folder / name)) as database:
            found += list(database.iterdump())
    return "\n".join(found)


def test_no_payload_stands_in_the_databases(place):
    folder, engine = place
    SEALER.use(folder / "payload.key")
    assert run_one(folder, engine).state == "exception"
    assert "secretive" not in everything(folder)
    assert (folder / "payload.key").stat().st_mode & 0o777 == 0o600
    with transaction(engine, writes=False) as session:
        (event,) = session.scalars(select(InboxEvent)).all()
        (held,) = session.scalars(select(FlowException)).all()
        (run,) = session.scalars(select(Run)).all()
    assert event.data["customer"] == run.event["data"]["customer"] == "secretive-gmbh"
    assert (held.business_key, held.amount) == ("D1", "3.30")  # what people look for stays plain


def test_without_a_key_they_are_plain_and_stay_readable_under_one(place):
    folder, engine = place
    run_one(folder, engine)
    assert "secretive" in everything(folder)
    SEALER.use(folder / "payload.key")
    assert runs(engine)[0].event["data"]["customer"] == "secretive-gmbh"
    assert run_one(folder, engine, number=2, deal="D2").business_key == "D2"


def test_another_key_or_none_is_told(place):
    folder, engine = place
    SEALER.use(folder / "payload.key")
    tell(engine, 1, **SECRETIVE)
    for path, said in ((None, "name the key file"), (folder / "other.key", "another key")):
        SEALER.use(path)
        with pytest.raises(TreatyError, match="sealed") as raised:
            runs(engine)
        assert said in raised.value.problem.detail
