"""Several gateway processes on one listening socket: started, replaced when they die, ended together."""

import logging
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

_RESTART_SECONDS = 1.0
_GRACE_SECONDS = 15.0
_POLL_SECONDS = 0.1


def run(listener: socket.socket, arguments: list[str], count: int) -> int:
    """Keep `count` workers alive until SIGINT or SIGTERM; return the exit code."""
    stopping: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    listener.set_inheritable(True)
    children = [_start(listener, arguments, index) for index in range(count)]
    while not stopping:
        for index, child in enumerate(children):
            if child.poll() is not None and not stopping:
                logging.getLogger("gateway").warning(
                    "worker %d ended with %s; another one starts", index + 1, child.returncode
                )
                time.sleep(_RESTART_SECONDS)
                children[index] = _start(listener, arguments, index)
        time.sleep(_POLL_SECONDS)
    return _end(children)


def _start(listener: socket.socket, arguments: list[str], index: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # our own module under our own interpreter
        [
            *(sys.executable, "-P", "-m", "gateway"),
            *arguments,
            *("--listener", str(listener.fileno()), "--name", f"gateway-{index + 1}"),
        ],
        pass_fds=(listener.fileno(),),
        start_new_session=True,  # a terminal's Ctrl-C reaches the parent alone, which passes it on
    )


def _end(children: list[subprocess.Popen[bytes]]) -> int:
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return 0
