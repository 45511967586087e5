"""The blocks of docs/gateway.md, run as they stand in an empty directory."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from ports import free_port

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gateway.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```\w+ (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def wait_for(port):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


def test_the_page_does_what_it_says(tmp_path):
    ports = {"8801": str(free_port()), "9001": str(free_port())}
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "treaty").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m registry.cli "$@"\n')
    (tools / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    work = tmp_path / "empty"
    work.mkdir()
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}

    def script(*names):
        text = "\n".join(BLOCKS[name] for name in names)
        for known, free in ports.items():
            text = text.replace(known, free)
        return f"set -e\n{text}"

    def run(*names):
        done = subprocess.run(
            ["bash", "-c", script(*names)], cwd=work, env=environment, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("upstream", "folder", "token")
    with (tmp_path / "serve.log").open("wb") as log:
        served = subprocess.Popen(
            ["bash", "-c", script("serve") + "\nwait"], cwd=work, env=environment, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(int(ports["9001"]))
        wait_for(int(ports["8801"]))
        assert run("call") == BLOCKS["answer"].strip()
        assert run("refusals") == BLOCKS["statuses"]
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        served.wait(20)
