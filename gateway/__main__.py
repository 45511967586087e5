"""`python -m gateway`: arguments to settings, one listening socket, one server."""

import argparse
import logging
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

from pydantic import ValidationError

from contracts.errors import TreatyError
from gateway import workers
from gateway.app import Gateway
from gateway.ports import Shared, shared
from gateway.runtime import build
from gateway.server import server
from gateway.settings import Settings
from policies.snapshot import read

_USAGE = 2
_BACKLOG = 2048


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return 0, or 2 with one line for what cannot be served."""
    given = {key: value for key, value in vars(_parse(arguments)).items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return _complain(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s"
    )
    complaint = _unusable(settings)
    if complaint:
        return _complain(complaint)
    try:
        listener = _listen(settings)
    except OSError as error:
        return _complain(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}")
    if settings.listener is None:
        host, port = listener.getsockname()[:2]
        scheme = "http" if settings.tls_cert is None else "https"
        logging.getLogger("gateway").info("listening at %s://%s:%d", scheme, host, port)
    if settings.workers > 1 and settings.listener is None:
        shared(settings.data_dir)  # the key of pseudonyms, made once for all of them
        return workers.run(listener, arguments or sys.argv[1:], settings.workers)
    _serve(Gateway(settings), listener)
    return 0


def _unusable(settings: Settings) -> str:
    """Return why these settings cannot be served, or nothing."""
    if settings.redis is not None and find_spec("redis") is None:
        return "--redis needs the `redis` extra: pip install 'treaty[redis]'"
    if settings.snapshot is None:
        missing = not settings.token_file.is_file()
        return f"the token file {settings.token_file} is missing" if missing else ""
    if (settings.tls_cert is None) is not (settings.tls_key is None):
        return "--tls-cert and --tls-key belong together"
    try:
        build(read(settings.snapshot.read_bytes()), Shared(b""))
    except OSError as error:
        return f"cannot read {settings.snapshot}: {error.strerror}"
    except TreatyError as error:
        return f"{settings.snapshot}: {error.problem.detail}"
    return ""


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--snapshot", type=Path, help="a compiled file, in place of a registry")
    parser.add_argument("--registry", help="URL of the registry")
    parser.add_argument("--environment")
    parser.add_argument("--name", help="what this gateway is called in heartbeats and ledger")
    parser.add_argument("--token-file", type=Path, help="file with the gateway's registry token")
    parser.add_argument("--data-dir", type=Path, help="last good snapshot and ledger spool")
    parser.add_argument("--poll-seconds", type=float)
    parser.add_argument("--workers", type=int, help="processes that share the port")
    parser.add_argument("--redis", help="URL of a Redis or Valkey where all gateways count")
    parser.add_argument("--listener", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--client-ca", type=Path, help="ask clients for certificates of these")
    parser.add_argument(
        "--access-log", action="store_true", default=None, help="one line per call on stderr"
    )
    return parser.parse_args(arguments)


def _listen(settings: Settings) -> socket.socket:
    if settings.listener is not None:
        return socket.socket(fileno=settings.listener)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the socket names its protocol; with it on, a
    # reply in two writes waits 40 ms for a delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _serve(gateway: Gateway, listener: socket.socket) -> None:
    # The server raises the signal that stopped it once more after its clean end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server(gateway).run(sockets=[listener])
    except KeyboardInterrupt:
        return


def _complain(sentence: str) -> int:
    sys.stderr.write(f"gateway: {sentence}\n")
    return _USAGE


if __name__ == "__main__":
    sys.exit(main())
