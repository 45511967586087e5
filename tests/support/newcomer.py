"""One running Treaty for the stories: `treaty up` in an empty folder, as a newcomer would."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ports import free_ports

ROOT = Path(__file__).parents[2]


def environment():
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TREATY_")}
    return kept | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80"}


@dataclass
class Treaty:
    """A folder in which a person types `treaty` commands, and the servers of `treaty up`."""

    folder: Path
    ports: list = field(default_factory=lambda: free_ports(4))
    process: subprocess.Popen | None = None
    output: str = ""

    def up(self, *extra):
        registry, gateway, sandbox, worker = map(str, self.ports)
        command = [sys.executable, "-m", "registry.cli", "up", "--registry-port", registry]
        command += ["--gateway-port", gateway, "--sandbox-port", sandbox]
        command += ["--worker-port", worker, *extra]
        with (self.folder / "up.err").open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        started = time.monotonic()
        self.output = ""
        for line in self.process.stdout:
            self.output += line
            if "Ctrl-C" in line:
                return time.monotonic() - started
        self.process.wait(30)
        self.process.stdout.close()
        raise AssertionError(self.output + (self.folder / "up.err").read_text())

    def down(self, how=signal.SIGINT):
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=30)
        self.process.stdout.close()
        return self.process.returncode, rest

    def run(self, *arguments, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "registry.cli", *arguments],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        shown = f"treaty {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        assert code is None or done.returncode == code, shown
        assert "Traceback" not in done.stderr, shown
        return done

    def api(self, method, path, body=None):
        """Call the registry with the credentials that `treaty up` left in the folder."""
        kept = json.loads((self.folder / ".treaty" / "credentials.json").read_text())
        request = urllib.request.Request(
            kept["url"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {kept['token']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def curls(self):
        return [line for line in self.output.splitlines() if line.startswith("curl ")]

    def curl(self, line):
        """Run a printed line exactly as it stands, without a shell."""
        done = subprocess.run(
            shlex.split(line), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, line + done.stderr
        return done.stdout


def wait_for(url, headers=None, seconds=20):
    """Wait until a URL answers 200: gateways poll, processes start."""
    request = urllib.request.Request(url, headers=headers or {})
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > end:
                raise AssertionError(f"{url}: {error}") from error
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            time.sleep(0.1)


@contextmanager
def mocked(contract):
    """The generic mock of a contract as a process; yields its URL."""
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [sys.executable, "-m", "registry.cli", "mock", str(contract), "--port", str(port)],
        env=environment(),
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/-/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Reply:
    """What `curl -i` printed."""

    status: int
    headers: dict
    body: str

    @classmethod
    def parse(cls, text):
        head, _, body = text.replace("\r\n", "\n").partition("\n\n")
        first, *fields = head.split("\n")
        pairs = (line.split(": ", 1) for line in fields)
        return cls(int(first.split()[1]), {key.lower(): value for key, value in pairs}, body)

    def json(self):
        return json.loads(self.body)


def with_headers(line):
    """The same call, with the response head printed."""
    return line if re.search(r" (-i|-D|-sSi|-si) ?", line) else line.replace("curl ", "curl -i ", 1)


@pytest.fixture(scope="session")
def treaty(tmp_path_factory):
    running = Treaty(tmp_path_factory.mktemp("newcomer"))
    running.first_start = running.up()
    yield running
    if running.process.poll() is None:
        running.down()
