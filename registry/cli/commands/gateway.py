"""`treaty gateway`: starts `python -m gateway`."""

from pathlib import Path

import click

from registry.cli import credentials, processes
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8801,
    show_default=True,
    help="Where it listens.",
)
@click.option("--registry", help="URL of the registry; the one you are signed in to by default.")
@click.option("--environment", default="demo", show_default=True, help="Whose snapshot to serve.")
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False),
    help="File with a registry token that may read snapshots and write the ledger.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    default=".treaty",
    show_default=True,
    help="Where the last good snapshot and the ledger are kept.",
)
@pass_talk
def command(
    talk: Talk,
    host: str,
    port: int,
    registry: str | None,
    environment: str,
    token_file: str | None,
    data_dir: str,
) -> int:
    """Run a gateway for one environment.

    It serves on from its last good snapshot when the registry is away. Without --token-file it
    uses DIR/gateway.token, written from your own credentials when it is not there yet.
    """
    if not (registry and token_file):
        found = credentials.require(Path.cwd())
        registry = registry or found.url
        token_file = token_file or _token_file(Path(data_dir), found, registry)
    talk.say(f"gateway for {environment} at http://{host}:{port} (Ctrl-C stops)")
    arguments = ["--host", host, "--port", str(port), "--registry", registry]
    arguments += ["--environment", environment, "--token-file", token_file, "--data-dir", data_dir]
    code = processes.foreground("gateway", arguments)
    if code in processes.STOPPED:
        return talk.end(Exit.PASS, "the gateway has stopped", "treaty doctor")
    return processes.failed(talk, "the gateway", code)


def _token_file(folder: Path, found: credentials.Credentials, registry: str) -> str:
    if found.url != registry.rstrip("/"):
        raise click.UsageError("--registry names another registry than yours: give --token-file.")
    path = folder / "gateway.token"
    if not path.exists():
        credentials.private(path, found.token + "\n")
    return str(path)
