"""`treaty worker`: starts `python -m orchestration worker`."""

from typing import Any

import click

from registry.cli import processes
from registry.cli.exits import Exit
from registry.cli.flowfolder import FlowFolder
from registry.cli.lazy import Choice, Command
from registry.cli.options import pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.option(
    "--systems",
    type=click.Path(exists=True, dir_okay=False),
    required=True,
    help="File with the addresses of the systems, and how to sign in to them.",
)
@click.option(
    "--flows",
    type=FlowFolder(),
    help="Folder with flows/, mappings/ and contracts/, or pack:tryton; those that ship by default.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    default=".treaty",
    show_default=True,
    help="Where the database and the journal are; TREATY_DATABASE_URL names another database.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it takes events.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8803, show_default=True, help="Its port."
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False),
    help="File with the token that callers must show; needed beyond this machine.",
)
@click.option(
    "--tls-certificate", type=click.Path(exists=True, dir_okay=False), help="Serve with TLS."
)
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="Its key.")
@click.option(
    "--client-ca",
    type=click.Path(exists=True, dir_okay=False),
    help="Callers and agents must show a certificate of this CA.",
)
@click.option(
    "--log-level",
    type=Choice(("error", "warning", "info", "debug")),
    default="warning",
    show_default=True,
    help="How much goes to stderr; each line says which run it is about.",
)
@click.option(
    "--traces",
    type=Choice(("none", "otlp")),
    default="none",
    show_default=True,
    help="Where spans go; otlp needs treaty[otel] and follows OTEL_EXPORTER_OTLP_ENDPOINT.",
)
@pass_talk
def command(talk: Talk, /, **given: Any) -> int:
    """Run a worker: it takes events at POST /events and runs the flows that wait for them.

    Several workers share one database; what one leaves behind when it dies, the others end.
    """
    arguments = ["worker"]
    for name, value in given.items():
        if value is not None:
            arguments += [f"--{name.replace('_', '-')}", str(value)]
    talk.say(f"worker at http://{given['host']}:{given['port']}/events (Ctrl-C stops)")
    code = processes.foreground("orchestration", arguments)
    if code in processes.STOPPED:
        return talk.end(Exit.PASS, "the worker has stopped; its runs go on when one starts")
    return processes.failed(talk, "the worker", code)
