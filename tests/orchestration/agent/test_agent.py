"""Agents on premises over real WebSockets and processes: relay, fail-over, back-pressure, revocation."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flow_world import CONTRACT, DEAL, contract, deployed, erp_server, runs, serving, settled, tell
from hypothesis import given
from hypothesis import strategies as st
from newcomer import ROOT
from registry_world import DATABASES, World, database
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from contracts.errors import TreatyError
from orchestration.agent import frames
from orchestration.agent.running import AgentSettings
from orchestration.intake_app import app
from orchestration.systems.settings import RemoteSettings, SiteSettings
from orchestration.worker import Worker, WorkerSettings, now
from registry.db.engine import transaction


class Site:
    """A registry, a worker that reaches its ERP by way of a site, and agents as processes."""

    def __init__(self, folder, url, journal, erp_url):
        self.folder, self.erp_url = folder, erp_url
        self.registry = World(folder, url)
        self.engine = self.registry.parts.engine
        deployed(self.engine)
        settings = WorkerSettings(
            url, journal, frozenset({"deal-to-invoice"}), lease=timedelta(seconds=2)
        )
        self.worker = Worker(
            settings, {"erp": RemoteSettings(site="plant")}, contract,
            sites={"plant": SiteSettings(wait_for="1h")},
        )  # fmt: skip
        (folder / "contracts").mkdir()
        (folder / "contracts" / "demo.erp-1.0.0.yaml").write_bytes(CONTRACT)
        self.processes = []

    def enrol(self, name="one"):
        body = {"site": "plant", "name": name}
        return self.registry.call("POST", "/v1/agents", body, status=201).json()

    def agent(self, token, hub, places=4):
        number = len(self.processes)
        (self.folder / f"token{number}").write_text(token)
        systems = {"erp": {"contract": "demo.erp", "version": "1.0.0", "base_url": self.erp_url}}
        (self.folder / "agent.yaml").write_text(json.dumps({"systems": systems}))
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration", "agent", "--hub", hub, "--systems", "agent.yaml",
             "--token-file", f"token{number}", "--contracts", ".", "--places", str(places)],
            cwd=self.folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def connected(self, count):
        until(lambda: len(self.worker.hub._lines) == count)

    def hurry(self):
        """Let runs that wait look again now."""
        with transaction(self.engine, writes=True) as session:
            for run in runs(self.engine):
                if run.state == "waiting":
                    session.merge(run).resume_at = now()
        self.worker.dispatcher.wake()


def until(condition, seconds=40):
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit
        time.sleep(0.02)
    return found


@contextmanager
def plant(kind, folder):
    with database(kind, folder) as url, erp_server() as (erp, base):
        journal = url if kind != "sqlite" else f"sqlite:///{folder}/journal.db"
        site = Site(folder, url, journal, base)
        site.worker.start()
        made = app(site.engine, site.worker.dispatcher.wake, "", {}, site.worker.hub)
        try:
            with serving(made) as served:
                yield site, erp, served.replace("http", "ws") + "/agents/plant"
                for process in site.processes:
                    process.kill()
                    process.wait(30)
        finally:
            site.worker.stop()
            site.engine.dispose()


@pytest.mark.parametrize("kind", DATABASES)
def test_a_run_waits_for_the_agent_and_goes_on_through_it(kind, tmp_path):
    with plant(kind, tmp_path) as (site, erp, hub):
        tell(site.engine, 1, **DEAL)
        until(lambda: runs(site.engine)[0].step == "customer")
        run = runs(site.engine)[0]
        assert (run.state, erp.asked) == ("waiting", [])
        site.agent(site.enrol()["token"], hub)
        site.connected(1)
        site.hurry()
        (run,) = settled(site.engine)
        assert run.state == "done"
        assert erp.effects == {"invoice:D1": [{"customer": "CUS-acme", "total": "3.30"}]}
        (shown,) = site.registry.call("GET", "/v1/agents", status=200).json()["items"]
        assert (shown["site"], shown["seen_at"] is not None) == ("plant", True)
        assert "token" not in shown


def test_another_agent_takes_over_from_one_that_died_in_the_middle_of_a_call(tmp_path):
    with plant("sqlite", tmp_path) as (site, erp, hub):
        first = site.agent(site.enrol("first")["token"], hub, places=8)
        site.connected(1)
        site.agent(site.enrol("second")["token"], hub, places=4)
        site.connected(2)
        # The one with more free places is asked first, and dies when its write has arrived.
        erp.on_call = lambda number: first.kill() if number == 2 else None
        tell(site.engine, 1, **DEAL)
        until(lambda: first.poll() is not None)
        site.connected(1)
        site.hurry()
        until(lambda: (site.hurry(), runs(site.engine)[0].state == "done")[1])
        assert list(erp.effects) == ["invoice:D1"]
        assert all(body == erp.effects["invoice:D1"][0] for body in erp.effects["invoice:D1"])


def test_a_revoked_agent_is_sent_away_and_stays_away(tmp_path):
    with plant("sqlite", tmp_path) as (site, erp, hub):
        made = site.enrol()
        agent = site.agent(made["token"], hub)
        site.connected(1)
        site.registry.call("POST", f"/v1/agents/{made['id']}/revoke", {}, status=200)
        assert agent.wait(30) == 1
        site.connected(0)
        tell(site.engine, 1, **DEAL)
        until(lambda: runs(site.engine)[0].step == "customer")
        assert erp.asked == []
        assert site.agent(made["token"], hub).wait(30) == 1


def test_no_more_calls_than_an_agent_has_places(tmp_path):
    with plant("sqlite", tmp_path) as (site, erp, hub):
        site.agent(site.enrol()["token"], hub, places=2)
        site.connected(1)
        (line,) = site.worker.hub._lines
        sent, most_sent = line.send, [0]

        def counted(text):
            most_sent[0] = max(most_sent[0], len(line.calls))
            sent(text)

        line.send = counted
        for number in range(8):
            tell(site.engine, number, **DEAL | {"deal": f"D{number}"})
        until(lambda: (site.hurry(), all(run.state == "done" for run in runs(site.engine)))[1])
        assert most_sent[0] == 2
        assert len(erp.effects) == 8


def test_strangers_and_nonsense_are_sent_away(tmp_path):
    with database("sqlite", tmp_path) as url, erp_server() as (_, base):
        site = Site(tmp_path, url, f"sqlite:///{tmp_path}/journal.db", base)
        client = TestClient(app(site.engine, lambda: None, "", {}, site.worker.hub))
        token = {"Authorization": f"Bearer {site.enrol()['token']}"}
        for headers, path, text, code in (
            ({}, "/agents/plant", "{}", 4401),
            ({"Authorization": "Bearer x"}, "/agents/plant", "{}", 4401),
            (token, "/agents/other", "{}", 4401),
            (token, "/agents/plant", "{", 1008),
            (token, "/agents/plant", json.dumps({"type": "outcome", "id": 1, "outcome": {}}), 1008),
            (token, "/agents/plant", json.dumps({"type": "hello", "places": 0, "systems": {}}), 1008),
        ):  # fmt: skip
            with client.websocket_connect(path, headers=headers) as socket:
                socket.send_text(text)
                with pytest.raises(WebSocketDisconnect) as raised:
                    socket.receive_text()
                assert raised.value.code == code
        assert site.worker.hub._lines == []
        site.worker.systems.close()
        site.worker.database.dispose()
        site.engine.dispose()


def test_an_agent_stops_at_a_signal(tmp_path):
    with plant("sqlite", tmp_path) as (site, _, hub):
        agent = site.agent(site.enrol()["token"], hub)
        site.connected(1)
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(30) == 0
        site.connected(0)


@given(st.one_of(st.text(), st.binary(), st.recursive(
    st.none() | st.integers() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)
).map(json.dumps)))  # fmt: skip
def test_any_text_is_a_frame_or_none(text):
    try:
        frames.read(text)
    except frames.FrameError:
        return
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("hub", "fine"),
    [("wss://h/agents/p", True), ("ws://127.0.0.1:1/agents/p", True), ("ws://h/agents/p", False),
     ("https://h/agents/p", False)],
)  # fmt: skip
def test_an_agent_dials_in_the_open_only_on_its_own_machine(hub, fine):
    settings = AgentSettings((hub,), "t")
    if fine:
        assert settings.checked() is settings
        return
    with pytest.raises(TreatyError):
        settings.checked()
