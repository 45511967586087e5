"""`treaty` run in this process or as one of its own, and a registry that says what it is told."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli import app

ROOT = Path(__file__).parents[2]


class Program:
    """What click's runner needs: our own entry, so that exit codes and problems are ours."""

    name = "treaty"

    def main(self, args, prog_name, **_):
        raise SystemExit(app.run(args))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with nothing of the machine's own configuration."""
    for name in list(os.environ):  # a test gives its programs an environment
        if name.startswith("TREATY_") or name in ("NO_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def treaty(here):
    """Run one command line in this process."""

    def run(*arguments, text=None):
        return CliRunner().invoke(Program(), [str(each) for each in arguments], input=text)

    return run


def environment(**extra):
    inherited = dict(os.environ)  # a test gives its programs an environment
    kept = {key: value for key, value in inherited.items() if not key.startswith("TREATY_")}
    return kept | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"} | extra


def start(*arguments, **options):
    """Run one command line as a process of its own."""
    command = [sys.executable, "-m", "registry.cli", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment(), **(pipes | options))


@dataclass
class FakeRegistry:
    """Answers by (method, path); `seen` keeps what was asked."""

    url: str = ""
    routes: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)

    def on(self, method, path, body=None, *, status=200, headers=None, raw=None):
        content = raw if raw is not None else json.dumps(body).encode()
        self.routes[method, path] = (status, content, headers or {})

    def problem(self, method, path, slug, status, detail="A sentence.", **extensions):
        body = {"type": f"urn:treaty:problem:{slug}", "title": slug, "status": status,
                "detail": detail, **extensions}  # fmt: skip
        self.on(method, path, body, status=status)

    def bodies(self, method, path):
        return [body for verb, where, body, _ in self.seen if (verb, where) == (method, path)]


@pytest.fixture
def registry(here, monkeypatch):
    """A registry to sign in to; everything unknown is a 404 problem."""
    fake = FakeRegistry()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            length = int(self.headers.get("Content-Length", 0))
            text = self.rfile.read(length)
            path = self.path.partition("?")[0]
            body = json.loads(text) if text else None
            fake.seen.append((self.command, path, body, dict(self.headers)))
            missing = {"type": "urn:treaty:problem:not-found", "title": "Nothing", "status": 404,
                       "detail": f"There is nothing at {path}."}  # fmt: skip
            status, content, headers = fake.routes.get(
                (self.command, path), (404, json.dumps(missing).encode(), {})
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("TREATY_URL", fake.url)
    monkeypatch.setenv("TREATY_TOKEN", "trt_test_secret")
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


CONTRACT = """\
openapi: 3.1.0
info: {title: Billing invoices API, version: 1.0.0}
servers: [{url: https://billing.example.com}]
paths:
  /invoices:
    get:
      operationId: listInvoices
      responses:
        '200':
          description: Invoices
          content:
            application/json:
              schema:
                type: object
                required: [items]
                properties:
                  items: {type: array, items: {type: string}}
  /rates:
    get:
      operationId: listRates
      responses:
        '200': {description: Rates}
"""


@pytest.fixture
def contract(here):
    """openapi.yaml in the folder."""
    path = here / "openapi.yaml"
    path.write_text(CONTRACT)
    return path


@pytest.fixture
def broken(here):
    """The same contract without one of its paths, as new.yaml."""
    path = here / "new.yaml"
    path.write_text(CONTRACT.replace("  /rates:\n", "  /fees:\n"))
    return path
