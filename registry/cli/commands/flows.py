"""`treaty flows`: starts `python -m orchestration flows`."""

from pathlib import Path

import click

from registry.cli import processes
from registry.cli.exits import Exit
from registry.cli.flowfolder import FlowFolder
from registry.cli.lazy import Group
from registry.cli.options import pass_talk
from registry.cli.talk import Talk

_FOLDER = click.argument("folder", type=FlowFolder(), required=False)


@click.group(cls=Group)
def command() -> None:
    """Lint, rehearse and deploy flows: a folder's, or those that ship."""


@command.command()
@_FOLDER
@pass_talk
def lint(talk: Talk, folder: Path | None) -> int:
    """Judge flows and mappings against the contracts on both sides of each call.

    FOLDER has flows/, mappings/ and contracts/, or is a pack that ships (pack:tryton); without it
    the flows that ship are judged.
    """
    return _run(talk, "lint", folder, "every flow keeps its contracts", "treaty flows test")


@command.command()
@_FOLDER
@pass_talk
def test(talk: Talk, folder: Path | None) -> int:
    """Rehearse the flows with scripted answers, and with a crash at every step boundary.

    The cases stand in FOLDER/rehearsals.
    """
    return _run(talk, "test", folder, "every rehearsal went as written", "treaty flows deploy")


@command.command()
@_FOLDER
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=".treaty",
    show_default=True,
    help="Where the database is; TREATY_DATABASE_URL names another one.",
)
@pass_talk
def deploy(talk: Talk, folder: Path | None, data_dir: Path) -> int:
    """Make flows live: new runs begin with them, running ones keep the version they have."""
    extra = ["--data-dir", str(data_dir)]
    return _run(talk, "deploy", folder, "new runs begin with these flows", "treaty worker", extra)


@command.command()
@pass_talk
def schema(talk: Talk) -> int:
    """Print the JSON Schema of a flow document, for editors."""
    return _run(talk, "schema", None, "this is a flow document", "treaty flows lint --help")


def _run(
    talk: Talk,
    act: str,
    folder: Path | None,
    said: str,
    following: str,
    extra: list[str] | None = None,
) -> int:
    arguments = ["flows", act, *([str(folder)] if folder else []), *(extra or [])]
    code = processes.foreground("orchestration", arguments)
    if code == Exit.PASS:
        return talk.end(Exit.PASS, said, following)
    if code == Exit.REFUSED:
        return talk.end(Exit.REFUSED, "a flow must not ship like this", "treaty flows lint --help")
    return processes.failed(talk, "the command", code)
