"""`treaty check --pairs`: many pairs through one worker process, one answer a line, in order.

The worker holds the cache of parsed contracts; a pair that hangs or kills it costs only itself.
"""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import contracts
from contracts import catalog
from contracts.compat import batch, undecided
from contracts.errors import TreatyError
from contracts.report import Report, Verdict
from registry.cli import settings
from registry.cli.pairworker import READY

MAX_LINE = 64 * 1024 * 1024  # two documents of the largest size, and their escapes


def run(source: str, target: IO[bytes], options: Sequence[str], seconds: float) -> Counter[str]:
    """Answer every line of a file (`-` is standard input); return how often each verdict came.

    `options` are mode, profile and policy where a line names none. Raises `OSError`, and
    `TreatyError` (internal-error) when no worker starts.
    """
    counted: Counter[str] = Counter()
    folder = Path(source).parent if source != "-" else Path()
    worker = Worker([str(folder), *options, str(seconds)], seconds)
    try:
        for line in _lines(source):
            answer = worker.ask(line)
            counted[_verdict(answer)] += 1
            target.write(answer)
            target.flush()
    finally:
        worker.stop()
    return counted


class Worker:
    """The process that judges; started with the first line, and anew after it ended."""

    def __init__(self, arguments: Sequence[str], seconds: float) -> None:
        self.arguments = arguments
        self.seconds = seconds
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, line: bytes) -> bytes:
        """Return the answer to a line; where the worker did not survive it, one that says so."""
        if len(line) > MAX_LINE:
            sentence = f"the line is longer than {MAX_LINE} bytes"
            return batch.answer(batch.id_of(line[:2000]), _stopped(sentence))
        process = self.process or self.start()
        assert process.stdin  # noqa: S101  # start() asked for both pipes
        assert process.stdout  # noqa: S101  # as above
        try:
            process.stdin.write(line.rstrip(b"\r\n") + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = b""
        if answer.endswith(b"\n"):
            return answer
        code = self.stop()
        reason = "it ended the process that judged it"
        if code == -signal.SIGALRM:
            reason = f"it takes more than {self.seconds:g} seconds"
        return batch.answer(batch.id_of(line), _stopped(reason))

    def start(self) -> subprocess.Popen[bytes]:
        """Return a new worker, ready to be asked. Raises `TreatyError` (internal-error)."""
        packages = Path(contracts.__file__).resolve().parent.parent
        process = self.process = subprocess.Popen(  # noqa: S603  # our own module under our own interpreter
            [sys.executable, "-P", "-m", "registry.cli.pairworker", *self.arguments],
            env=settings.child_environment(packages),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if settings.debug() else subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the worker
        )
        assert process.stdout  # noqa: S101  # asked for above
        if process.stdout.readline() != READY:
            self.stop()
            raise TreatyError(catalog.INTERNAL, "The process that judges pairs does not start.")
        return process

    def stop(self) -> int:
        """End the worker; return its exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)
        try:
            return process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _lines(source: str) -> Iterator[bytes]:
    """Yield lines that hold something; one that is too long is cut off behind the bound."""
    with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
        while line := file.readline(MAX_LINE + 1):
            rest = line
            while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
                rest = file.readline(MAX_LINE + 1)
            if line.strip():
                yield line


def _stopped(reason: str) -> Report:
    return undecided.report(undecided.stopped(reason))


def _verdict(answer: bytes) -> str:
    # Verdicts are counted for the last words only; the answer itself is passed on untouched.
    at = answer.find(b'"verdict": "') + len(b'"verdict": "')
    found = answer[at : answer.find(b'"', at)].decode(errors="replace")
    return found if found in set(Verdict) else Verdict.UNDECIDED.value


def _close(pipe: IO[bytes]) -> None:
    # What was still to be written has no reader any more.
    with suppress(BrokenPipeError):
        pipe.close()
