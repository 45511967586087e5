"""What is forgotten after a while, and what is not: on both databases, with the engine's own journal."""

from datetime import UTC, datetime, timedelta

import pytest
from flow_world import DEAL, deployed, erp_server, runs, settled, tell, working
from registry_world import DATABASES, database
from sqlalchemy import select

from orchestration.engine.port import LegState
from orchestration.runs.retention import Retention
from orchestration.systems.settings import RetentionSettings
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Fact, InboxEvent

LATER = timedelta(days=91)


@pytest.mark.parametrize("kind", DATABASES)
def test_ended_runs_are_forgotten_and_their_events_stay_known(kind, tmp_path):
    with database(kind, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        deployed(engine)
        journal = url if kind != "sqlite" else f"sqlite:///{tmp_path}/journal.db"
        with erp_server() as (_, base), working(url, journal, base) as worker:
            tell(engine, 1, **DEAL)
            tell(engine, 2, **DEAL | {"deal": "D2", "lines": []})
            done, held = settled(engine)
            retention = Retention(RetentionSettings(), engine, worker._engine)
            now = datetime.now(UTC)
            assert retention.tick(now) == 0
            assert worker._engine.state(f"{done.id}.1") is LegState.DONE
            assert [retention.tick(now + LATER), retention.tick(now + LATER)] == [1, 0]
            assert worker._engine.state(f"{done.id}.1") is LegState.UNKNOWN
            first, second = runs(engine)
            assert (first.event, first.journal, first.state) == ({}, {}, "done")
            # Who waits for a person keeps everything.
            assert (second.event, second.journal) == (held.event, held.journal)
            with transaction(engine, writes=False) as session:
                assert [row.data for row in session.scalars(select(InboxEvent))] == [{}, {}]
                assert len(session.scalars(select(Fact)).all()) == 1
            assert tell(engine, 1, **DEAL) == -1
        engine.dispose()
