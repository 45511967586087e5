"""`treaty up` with stub servers: what it prints, and that nothing outlives it, whatever happens."""

import json
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest
from cli_world import ROOT, environment
from ports import free_ports

DRIVER = ROOT / "tests" / "support" / "drive_up.py"


class Up:
    def __init__(self, folder, ports):
        self.folder, self.ports, self.process = folder, ports, None

    def start(self, *extra, **trouble):
        registry, gateway, sandbox, worker = map(str, self.ports)
        self.process = subprocess.Popen(
            [sys.executable, str(DRIVER), "up", "--registry-port", registry,
             "--gateway-port", gateway, "--sandbox-port", sandbox, "--worker-port", worker,
             *extra],
            cwd=self.folder, env=environment(STUB_TROUBLE=json.dumps(trouble)),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def printed(self):
        """What stands on stdout once it is up."""
        text = ""
        for line in self.process.stdout:
            text += line
            if line.startswith("Ctrl-C"):
                return text
        raise AssertionError(text + self.process.stderr.read())

    def end(self, number=None):
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err

    def crash(self, name):
        port = self.ports[("registry", "gateway", "sandbox", "worker").index(name)]
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /crash HTTP/1.0\r\n\r\n")

    def listening(self):
        return [port for port in self.ports if not free(port)]


def free(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def up(here):
    runner = Up(here, free_ports(4))
    yield runner
    if runner.process is not None and runner.process.poll() is None:
        runner.end(signal.SIGTERM)
    assert runner.listening() == []


def test_prints_addresses_a_link_and_seven_complete_lines(up):
    text = up.start().printed()
    registry, gateway, sandbox, _ = (f"http://127.0.0.1:{port}" for port in up.ports)
    for line in (f"registry  {registry}", f"gateway   {gateway}", f"sandbox   {sandbox}"):
        assert line in text
    assert f"{registry}/login/link/x" in text
    assert "\x1b" not in text
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith("curl ")]
    assert len(places) == 7
    assert all(lines[number - 1].startswith("# ") for number in places)
    commands = [shlex.split(lines[number]) for number in places]
    assert not any("$" in word or "<" in word for words in commands for word in words)
    assert [words[-1].removeprefix(gateway) for words in commands] == [
        f"{registry}/oauth/token",
        "/psa/projects/v2/projects/PRJ-0001",
        "/psa/projects/v2/projects/PRJ-0001",
        "/psa/projects/v2/projects/PRJ-0001",
        "/psa/projects/v2/resources#[1-14]",
        "/psa/projects/v1/projects/1",
        f"{sandbox}/-/act/win-deal",
    ]
    assert "treaty contracts content psa.projects > new.yaml" in text.replace(
        "python -m registry.cli", "treaty"
    )
    code, _, err = up.end(signal.SIGINT)
    assert code == 0
    assert "stopped; the data stays in .treaty" in err


def test_secrets_are_for_their_owner_and_serve_the_next_run(up):
    up.start().printed()
    assert up.end(signal.SIGTERM)[0] == 0
    folder = up.folder / ".treaty"
    for name in ("demo.json", "credentials.json", "gateway.token"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = (folder / "demo.json").read_text()
    assert {each["id"] for each in json.loads(kept)["applications"]} == {
        "client-portal", "finance-desk", "status-page",
    }  # fmt: skip
    up.start(known=True).printed()
    code, _, err = up.end(signal.SIGINT)
    assert code == 0
    assert "seeding" not in err
    assert (folder / "demo.json").read_text() == kept


def test_lost_tokens_are_made_again(up):
    up.start(known=True).printed()
    assert json.loads((up.folder / ".treaty" / "demo.json").read_text())["admin_token"]


def test_credentials_of_a_person_stay_in_force(up):
    path = up.folder / ".treaty" / "credentials.json"
    path.parent.mkdir()
    path.write_text('{"url": "http://elsewhere", "token": "mine"}')
    up.start().printed()
    assert "they stay in force" in up.end(signal.SIGINT)[2]
    assert json.loads(path.read_text())["token"] == "mine"


def test_without_the_demo_there_is_no_sandbox(up):
    text = up.start("--no-demo").printed()
    assert "curl" not in text
    assert "sandbox" not in text
    assert free(up.ports[2])
    assert free(up.ports[3])


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_taken_port_is_named_with_its_option(up, place):
    with socket.create_server(("127.0.0.1", up.ports[place])):
        code, out, err = up.start().end()
    option = ("--registry-port", "--gateway-port", "--sandbox-port", "--worker-port")[place]
    assert code == 2
    assert out == ""
    assert str(up.ports[place]) in err
    assert option in err
    assert f"next: treaty up {option}" in err


def test_one_run_at_a_time_on_a_folder(up, here):
    up.start().printed()
    code, _, err = Up(here, up.ports).start().end()
    assert code == 1
    assert "Another `treaty up` runs" in err


@pytest.mark.parametrize("module", ["registry", "gateway", "orchestration"])
def test_a_server_that_crashes_stops_all(up, module):
    name = "sandbox" if module == "orchestration" else module
    up.start().printed()
    up.crash(name)
    code, _, err = up.end()
    assert code == 3
    assert f"The {name} ended by itself with code 9" in err
    assert f"stub {module}" in err


def test_a_server_that_never_gets_ready_shows_its_log(up):
    code, _, err = up.start(unready="registry", patience=3).end()
    assert code == 3
    assert "The registry is not ready after 3 s" in err
    assert "stub registry serve starts" in err


@pytest.mark.parametrize("step", ["migrate", "bootstrap"])
def test_a_step_that_fails_shows_its_log(up, step):
    code, _, err = up.start(fails=f"registry {step}").end()
    assert code == 3
    assert f"The step {step} failed with code 7" in err
    assert "it did not work out" in err


def test_a_stubborn_server_is_killed(up):
    up.start(stubborn="gateway").printed()
    started = time.monotonic()
    assert up.end(signal.SIGINT)[0] == 0
    assert time.monotonic() - started < 5


def test_a_signal_while_starting_leaves_nothing_behind(up):
    up.start(unready="registry")
    for line in up.process.stderr:
        if "starting registry" in line:
            break
    code, _, err = up.end(signal.SIGTERM)
    assert code == 0
    assert "stopped" in err
