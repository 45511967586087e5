"""The servers of `treaty up`: started with logs, waited for, watched, and stopped together."""

import contextlib
import errno
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, NoReturn, Self

from contracts import catalog
from contracts.errors import TreatyError
from contracts.problem import Detail
from registry.cli import processes
from registry.cli.client import Client
from registry.cli.talk import Talk

_POLL_SECONDS = 0.05
_TAIL_LINES = 20
_TAIL_BYTES = 16_000


class Stopped(BaseException):  # not an error: somebody asked us to stop
    """A signal asked the supervisor to stop."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and the option that chooses its port."""

    name: str
    host: str
    port: int

    @property
    def option(self) -> str:
        """The option of `treaty up` that changes the port."""
        return f"--{self.name}-port"

    @property
    def url(self) -> str:
        """The URL under which this machine reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def require_free(addresses: Sequence[Address]) -> None:
    """Return when every port can be had. Raises `TreatyError` (port-taken) naming the others."""
    taken = {address: said for address in addresses if (said := _why_not(address))}
    if taken:
        options = " ".join(f"{address.option} {address.port + 100}" for address in taken)
        first, *others = taken.values()
        raise TreatyError(
            catalog.PORT_TAKEN,
            first,
            errors=tuple(Detail(sentence) for sentence in others),
            next_command=f"treaty up {options}",
        )


def _why_not(address: Address) -> str:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do it: a port that is only cooling down after a stop counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            reason = "is taken" if error.errno == errno.EADDRINUSE else f"({error.strerror})"
            return (
                f"The {address.name} cannot have port {address.port} on {address.host}: it {reason}. "
                f"Choose another one with {address.option}."
            )
    return ""


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder for this process. Raises `TreatyError` (conflict) while another has it."""
    with (folder / "up.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TreatyError(
                catalog.CONFLICT,
                f"Another `treaty up` runs on {folder}. Stop it, or choose another --data-dir.",
            ) from None
        yield


class Supervisor:
    """Children with logs. Leaving the context stops them all, last started first."""

    def __init__(self, logs: Path, talk: Talk) -> None:
        self._logs = logs
        self._talk = talk
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._tasks: list[subprocess.Popen[bytes]] = []
        self._starting = self._stopped = False

    def __enter__(self) -> Self:
        for number in processes.FORWARDED:
            signal.signal(number, self._on_signal)
        return self

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._starting:
            self._stopped = True
        else:
            raise Stopped

    @contextlib.contextmanager
    def _whole(self) -> Iterator[None]:
        """Put off a signal: a child that is born but not noted yet would outlive us."""
        self._starting = True
        try:
            yield
        finally:
            self._starting = False
        if self._stopped:
            raise Stopped

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A second Ctrl-C while stopping must not leave children behind; it only hurries.
        for number in processes.FORWARDED:
            signal.signal(number, signal.SIG_IGN)
        self.stop()
        for number in processes.FORWARDED:
            signal.signal(number, signal.SIG_DFL)

    def begin(self, name: str, module: str, arguments: Sequence[str]) -> Callable[[], bytes]:
        """Start a task that ends by itself; return the function that waits for its stdout.

        That function raises `TreatyError` with the log's tail when the task fails.
        """
        with self._log(name) as log, self._whole():
            child = processes.start(module, arguments, stdout=subprocess.PIPE, stderr=log)
            self._tasks.append(child)

        def finish() -> bytes:
            output, _ = child.communicate()
            self._tasks.remove(child)
            if child.returncode:
                self._fail(name, f"The step {name} failed with code {child.returncode}.")
            return output

        return finish

    def start(self, name: str, module: str, arguments: Sequence[str]) -> None:
        """Start a server; its output goes to logs/NAME.log."""
        with self._log(name) as log, self._whole():
            self._children[name] = processes.start(module, arguments, stdout=log, stderr=log)

    def _log(self, name: str) -> IO[bytes]:
        path = self._logs / f"{name}.log"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return os.fdopen(handle, "wb")

    def wait_ready(self, name: str, url: str, path: str, *, seconds: float = 30.0) -> None:
        """Return when `path` answers 200. Raises `TreatyError` with the log's tail."""
        deadline = time.monotonic() + seconds
        with Client(url, timeout=2.0) as client:
            while True:
                self.check()
                try:
                    client.get(path)
                except TreatyError as error:
                    said = error.problem.detail
                else:
                    return
                if time.monotonic() > deadline:
                    self._fail(name, f"The {name} is not ready after {seconds:.0f} s: {said}")
                time.sleep(_POLL_SECONDS)

    def patiently(self, attempt: Callable[[], str], *, seconds: float = 20.0) -> str:
        """Return what `attempt` returns once it does: the gateway learns of routes by polling."""
        deadline = time.monotonic() + seconds
        while True:
            self.check()
            try:
                return attempt()
            except TreatyError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Return while every server runs. Raises `TreatyError` with the log's tail."""
        for name, child in self._children.items():
            if child.poll() is not None:
                self._fail(name, f"The {name} ended by itself with code {child.returncode}.")

    def watch(self) -> NoReturn:
        """Wait until a server ends or a signal comes; both leave by exception."""
        while True:
            self.check()
            time.sleep(0.25)

    def stop(self, *, seconds: float = 10.0) -> None:
        """End every server: ask, wait, then kill."""
        children = [*self._tasks, *reversed(self._children.values())]
        for child in children:
            processes.signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for child in children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                processes.signal_group(child, signal.SIGKILL)
                child.wait()
        self._children.clear()
        self._tasks.clear()

    def _fail(self, name: str, sentence: str) -> NoReturn:
        path = self._logs / f"{name}.log"
        tail = path.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").splitlines()[-_TAIL_LINES:]
        self._talk.say(f"--- the end of {path}")
        for line in tail:
            self._talk.say(f"  {line}")
        raise TreatyError(
            catalog.UNREACHABLE, sentence, next_command=f"less {path}   (then `treaty up` again)"
        )
