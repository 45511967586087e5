"""The demo firm's systems and a worker on them, as processes; what people and tests do there."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from newcomer import ROOT
from ports import free_ports

from orchestration.sandbox.firm.seed import key


class FirmWorld:
    """A sandbox and workers in a folder."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.port, self.worker_port = free_ports(2)
        self.base = f"http://127.0.0.1:{self.port}"
        systems = {
            "crm": "crm",
            "erp": "erp",
            "psa": "psa",
            "jira": "jira",
            "servicenow": "servicenow",
        }
        (folder / "systems.yaml").write_text(json.dumps({
            "systems": {name: {"base_url": f"{self.base}/{path}"} for name, path in systems.items()},
            "feeds": {"firm": {"url": f"{self.base}/-/events", "every_seconds": 0.1}},
        }))  # fmt: skip
        self.processes = []

    def start(self, *command, driver="", **environment):
        program = [str(ROOT / "tests" / "support" / driver)] if driver else ["-m", "orchestration"]
        process = subprocess.Popen(
            [sys.executable, *program, *command], cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(ROOT), "TREATY_DATABASE_URL": self.url} | environment,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def sandbox(self):
        process = self.start("sandbox", "--port", str(self.port), "--data-dir", "sandbox")
        self.answer("/-/ready")
        return process

    def worker(self, driver="", **environment):
        return self.start(
            "worker", "--systems", "systems.yaml", "--data-dir", "data", "--lease-seconds", "1",
            "--port", str(self.worker_port), driver=driver, **environment,
        )  # fmt: skip

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait(30)

    def answer(self, path, body=None, method=None, seconds=40):
        """Return what a path answers; waits for a server that is not there yet."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data, {"Content-Type": "application/json"}, method=method
        )
        until = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    return json.loads(response.read() or b"null")
            except (urllib.error.URLError, ConnectionError) as error:
                if isinstance(error, urllib.error.HTTPError) or time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def act(self, name, **given):
        return self.answer(f"/-/act/{name}", given)

    def fault(self, system, kind, count=1, operation=""):
        body = {"kind": kind, "count": count, "operation": operation}
        return self.answer(f"/-/faults/{system}", body, "PUT")

    def effects(self):
        """Return how often each write was done, by (system, operation)."""
        found = {}
        for effect in self.answer("/-/effects")["effects"]:
            name = f"{effect['system']}.{effect['operation']}"
            found[name] = found.get(name, 0) + 1
        return found


@contextmanager
def firm(folder, url):
    world = FirmWorld(folder, url)
    try:
        world.sandbox()
        yield world
    finally:
        world.end()


def deal(number):
    return key("Opportunity", number)
