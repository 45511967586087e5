"""Child processes: one in the foreground for `mock`, `gateway` and `migrate`; several for `up`."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

import contracts
from registry.cli import settings
from registry.cli.exits import Exit
from registry.cli.talk import Talk

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# A server that a person stopped has done its work.
STOPPED = (0, 128 + signal.SIGINT, 128 + signal.SIGTERM)


def start(
    module: str,
    arguments: Sequence[str],
    *,
    stdout: IO[bytes] | int | None = None,
    stderr: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `python -m module` in a session of its own."""
    packages = Path(contracts.__file__).resolve().parent.parent
    return subprocess.Popen(  # noqa: S603  # our own modules under our own interpreter
        [sys.executable, "-P", "-m", module, *arguments],
        env=settings.child_environment(packages),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        # A terminal's Ctrl-C reaches us alone; we pass signals on, each exactly once.
        start_new_session=True,
    )


def foreground(module: str, arguments: Sequence[str]) -> int:
    """Run a child until it ends, passing signals on; return its exit code as a shell would."""
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            signal_group(child, number)

    previous = {number: signal.signal(number, forward) for number in FORWARDED}
    try:
        child = start(module, arguments)
        for number in early:
            signal_group(child, number)
        code = child.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def failed(talk: Talk, name: str, code: int) -> int:
    """Print the verdict on a child that did not end well; return its exit code."""
    known = Exit(code) if code in set(Exit) else Exit.UNDECIDED
    talk.end(known, f"{name} ended with exit code {code}", "treaty doctor")
    return code


def signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a child and to what it started; a child that is gone is left in peace."""
    if child.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
