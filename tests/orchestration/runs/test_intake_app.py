"""Events and signals over HTTP: accepted once, refused with what is wrong, only with the token."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flow_world import DEAL, deployed, runs
from registry_world import DATABASES, database
from starlette.testclient import TestClient

from orchestration.intake_app import MAX_BODY, app
from registry.db.engine import make_engine
from registry.db.migrate import migrate

EVENT = {"specversion": "1.0", "id": "1", "source": "crm", "type": "crm.deal.won", "data": DEAL}


@pytest.fixture(params=DATABASES)
def engine(request, tmp_path):
    with database(request.param, tmp_path) as url:
        made = make_engine(url)
        migrate(made)
        deployed(made)
        yield made
        made.dispose()


def client(engine, token=""):
    return TestClient(app(engine, lambda: None, token))


def test_an_event_is_accepted_once_however_often_and_fast_it_comes(engine):
    caller = client(engine)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: caller.post("/events", json=EVENT), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(answer.json()["event"] for answer in answers) == ["accepted", *["known"] * 7]
    assert len(runs(engine)) == 1


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b'{"a": NaN}', 400, "not JSON"),
        (b"[]", 422, "JSON object"),
        (b"x" * (MAX_BODY + 1), 413, "bytes"),
    ],
    ids=["cut short", "nested", "no number", "a list", "too large"],
)
def test_what_is_no_event_is_refused(engine, body, status, said):
    answer = client(engine).post("/events", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"id": ""}, "/id"), ({"source": 7}, "/source"), ({"type": "Deal Won"}, "/type"),
        ({"specversion": "0.3"}, "/specversion"), ({"data": [1]}, "/data"),
        ({"time": "yesterday"}, "/time"), ({"subject": "x" * 300}, "/subject"),
        ({"data": {"customer": "acme"}}, "/data"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(engine, change, pointer):
    answer = client(engine).post("/events", json=EVENT | change)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert runs(engine) == []


def test_the_token_is_asked_for(engine):
    caller = client(engine, "secret")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "secret"}):
        answer = caller.post("/events", json=EVENT, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    good = {"Authorization": "Bearer secret"}
    assert caller.post("/events", json=EVENT, headers=good).status_code == 202
    assert caller.get("/-/ready").status_code == 200


def test_a_signal_is_kept_for_a_run_and_refused_for_none(engine):
    caller = client(engine)
    caller.post("/events", json=EVENT)
    (run,) = runs(engine)
    assert caller.post(f"/runs/{run.id}/signals/approved", json={"by": "kim"}).status_code == 202
    assert runs(engine)[0].journal["signals"] == {"approved": {"by": "kim"}}
    assert caller.post("/runs/nobody/signals/approved", json={}).status_code == 404
