"""`treaty version`."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

import click

from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

_SHOWN = ("click", "fastapi", "httpx2", "pydantic", "sqlalchemy")


def treaty_version() -> str:
    """Return the installed version, or a word where Treaty runs from a checkout."""
    try:
        return installed("treaty")
    except PackageNotFoundError:
        return "checkout"


@click.command(cls=Command)
@output()
@pass_talk
def command(talk: Talk) -> Exit:
    """Show the version of Treaty and of what it runs on."""
    versions = {"treaty": treaty_version(), "python": platform.python_version()}
    versions |= {name: installed(name) for name in _SHOWN}
    talk.record(versions)
    return talk.end(Exit.PASS, f"Treaty {versions['treaty']}", "treaty --help")
