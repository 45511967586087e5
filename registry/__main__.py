"""`python -m registry serve | migrate | bootstrap`: the registry's own processes."""

import argparse
import json
import logging
import socket
import sys
from pathlib import Path

from contracts.errors import TreatyError
from registry.settings import Settings


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m registry", description=__doc__)
    parser.add_argument("command", choices=("serve", "migrate", "bootstrap"))
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--database-url")
    parser.add_argument("--public-url")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800)
    parser.add_argument("--rotate", action="store_true", help="bootstrap: issue new tokens")
    options = parser.parse_args()
    chosen = {
        name: value
        for name in ("data_dir", "database_url", "public_url")
        if (value := getattr(options, name)) is not None
    }
    settings = Settings(**chosen)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
    try:
        return {"serve": _serve, "migrate": _migrate, "bootstrap": _bootstrap}[options.command](
            settings, options
        )
    except TreatyError as error:
        sys.stderr.write(f"{error.problem.type.title}: {error.problem.detail}\n")
        return 1


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    from registry.db.engine import make_engine  # noqa: PLC0415  # `treaty up` runs all three commands: each loads its own part
    from registry.db.migrate import migrate  # noqa: PLC0415  # `treaty up` runs all three commands: each loads its own part

    revision = migrate(make_engine(settings.database))
    sys.stderr.write(f"The database is at revision {revision}.\n")
    return 0


def _bootstrap(settings: Settings, options: argparse.Namespace) -> int:
    from registry.app import make_parts  # noqa: PLC0415  # `treaty up` runs all three commands: each loads its own part
    from registry.services.bootstrap import bootstrap  # noqa: PLC0415  # `treaty up` runs all three commands: each loads its own part

    sys.stdout.write(json.dumps(bootstrap(make_parts(settings), rotate=options.rotate)) + "\n")
    return 0


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    import uvicorn  # noqa: PLC0415  # `treaty up` runs all three commands: each loads its own part

    from registry.app import make_app, make_parts  # noqa: PLC0415  # `treaty up` runs all three commands: each loads its own part

    app = make_app(make_parts(settings))
    # asyncio turns Nagle's algorithm off only where the socket names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except OSError as error:
        sys.stderr.write(
            f"Cannot listen on {options.host}:{options.port}: {error.strerror}. Try --port.\n"
        )
        return 2
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5
    )
    uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
