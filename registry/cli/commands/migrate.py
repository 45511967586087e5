"""`treaty migrate`: starts `python -m registry migrate`."""

import click

from registry.cli import processes
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False),
    default=".treaty",
    show_default=True,
    help="Where the embedded database lives; TREATY_DATABASE_URL names another one.",
)
@pass_talk
def command(talk: Talk, data_dir: str) -> int:
    """Bring the registry's database to the current schema. Running it twice changes nothing."""
    code = processes.foreground("registry", ["migrate", "--data-dir", data_dir])
    if code:
        return talk.end(Exit.UNDECIDED, f"the migration ended with {code}", "treaty doctor")
    return talk.end(Exit.PASS, "the schema is current", "treaty up")
