"""`python -m orchestration sandbox | mock CONTRACT | flows | worker | agent`: what `treaty` starts of this floor."""

import argparse
import socket
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from contracts.errors import TreatyError
from contracts.formats import read
from orchestration import commands as flow_commands
from orchestration import working
from orchestration.agent import command as agent_command
from orchestration.agent import frames
from orchestration.mock.app import Mock
from orchestration.sandbox.app import Sandbox

Tls = tuple[Path | None, Path | None, Path | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 2 for a taken port, 3 for an unreadable contract."""
    parser = argparse.ArgumentParser(prog="python -m orchestration", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sandbox = commands.add_parser("sandbox")
    sandbox.add_argument("--data-dir", type=Path)
    mock = commands.add_parser("mock")
    mock.add_argument("contract", type=Path)
    mock.add_argument("--seed", type=int, default=1)
    flow_commands.add(commands)
    worker = working.add(commands)
    agent_command.add(commands)
    for command, port in ((sandbox, 8802), (mock, 9000), (worker, 8803)):
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=port)
    options = parser.parse_args(arguments)
    if options.command == "flows":
        return flow_commands.run(options)
    if options.command == "agent":
        return agent_command.run(options)
    if options.command == "worker":
        return _work(options)
    try:
        app: ASGIApp = Sandbox(options.data_dir) if options.command == "sandbox" else _mock(options)
    except TreatyError as error:
        sys.stderr.write(f"{error.problem.type.title}: {error.problem.detail}\n")
        return 3
    except OSError as error:
        sys.stderr.write(f"{options.contract}: {error.strerror}\n")
        return 3
    return serve(app, options.host, options.port)


def _work(options: argparse.Namespace) -> int:
    try:
        worker, shelf, token = working.prepare(options)
        working.begin(worker, shelf)
    except TreatyError as error:
        for detail in error.problem.errors:
            sys.stderr.write(f"{detail.file}:{detail.line}:{detail.column}: {detail.detail}\n")
        sys.stderr.write(f"{error.problem.type.title}: {error.problem.detail}\n")
        return 3
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 3
    try:
        apis = working.apis(worker, shelf)
        app = working.app(worker.database, worker.dispatcher.wake, token, apis, worker.hub)
        tls = (options.tls_certificate, options.tls_key, options.client_ca)
        return serve(app, options.host, options.port, tls)
    finally:
        worker.stop()


def _mock(options: argparse.Namespace) -> Mock:
    contract = read(options.contract.read_bytes(), source=str(options.contract))
    sys.stderr.write(
        f"Mocking {contract.title} {contract.version}: {len(contract.operations)} operations at "
        f"http://{options.host}:{options.port} (seed {options.seed}). Ctrl-C stops it.\n"
    )
    return Mock(contract, options.seed)


def serve(app: ASGIApp, host: str, port: int, tls: Tls = (None, None, None)) -> int:
    """Serve until a signal comes; 2 where the port is taken.

    `tls`: certificate, key, and the CA whose certificates callers have to show.
    """
    # asyncio turns Nagle's algorithm off only where the socket names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        sys.stderr.write(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --port.\n"
        )
        return 2
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, lifespan="off",
        timeout_graceful_shutdown=3, ws="websockets-sansio", ws_max_size=frames.MAX_FRAME,
        ssl_certfile=tls[0], ssl_keyfile=tls[1], ssl_ca_certs=str(tls[2]) if tls[2] else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if tls[2] else ssl.CERT_NONE,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
