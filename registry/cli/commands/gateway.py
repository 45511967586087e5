"""`treaty gateway`: starts `python -m gateway` for a registry's environment or a file."""

from pathlib import Path
from typing import Any

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
    type=click.IntRange(0, 65535),
    default=8801,
    show_default=True,
    help="Where it listens; 0 for a free port.",
)
@click.option(
    "--snapshot",
    type=click.Path(exists=True, dir_okay=False),
    help="A file of `treaty compile` to serve, without any registry.",
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
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that share the port.",
)
@click.option("--redis", help="URL of a Redis or Valkey where all gateways count together.")
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), help="Certificate chain.")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="Its private key.")
@click.option(
    "--client-ca",
    type=click.Path(exists=True, dir_okay=False),
    help="Ask clients for certificates of these authorities.",
)
@click.option("--access-log", is_flag=True, help="Write a line per call to stderr.")
@pass_talk
def command(talk: Talk, /, host: str, port: int, **given: Any) -> int:
    """Run a gateway: for one environment of a registry, or from a snapshot file.

    With --snapshot it needs nothing else, and takes a new file as soon as it is replaced. With a
    registry it serves on from its last good snapshot when the registry is away; without
    --token-file it uses DIR/gateway.token, written from your own credentials when it is missing.
    """
    arguments = ["--host", host, "--port", str(port)]
    address = f"{'https' if given['tls_cert'] else 'http'}://{host}:{port}"
    if given["snapshot"]:
        if given["registry"] or given["token_file"]:
            raise click.UsageError("--snapshot takes the place of --registry and --token-file.")
        arguments += ["--snapshot", given["snapshot"]]
        talk.say(f"gateway for {given['snapshot']} at {address} (Ctrl-C stops)")
    else:
        arguments += _of_registry(given)
        talk.say(f"gateway for {given['environment']} at {address} (Ctrl-C stops)")
    arguments += ["--data-dir", given["data_dir"]]
    for name in ("workers", "redis", "tls_cert", "tls_key", "client_ca"):
        if given[name] and given[name] != 1:
            arguments += [f"--{name.replace('_', '-')}", str(given[name])]
    if given["access_log"]:
        arguments.append("--access-log")
    code = processes.foreground("gateway", arguments)
    if code in processes.STOPPED:
        return talk.end(Exit.PASS, "the gateway has stopped", "treaty doctor")
    return processes.failed(talk, "the gateway", code)


def _of_registry(given: dict[str, Any]) -> list[str]:
    registry, token_file = given["registry"], given["token_file"]
    if not (registry and token_file):
        found = credentials.require(Path.cwd())
        registry = registry or found.url
        token_file = token_file or _token_file(Path(given["data_dir"]), found, registry)
    environment = given["environment"]
    return ["--registry", registry, "--environment", environment, "--token-file", token_file]


def _token_file(folder: Path, found: credentials.Credentials, registry: str) -> str:
    if found.url != registry.rstrip("/"):
        raise click.UsageError("--registry names another registry than yours: give --token-file.")
    path = folder / "gateway.token"
    if not path.exists():
        credentials.private(path, found.token + "\n")
    return str(path)
