"""`treaty schema`: the JSON Schemas of the machine interface."""

import click

from contracts import interface
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import colour, pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.argument("name", type=Choice(list(interface.SCHEMAS)), metavar="NAME")
@colour
@pass_talk
def command(talk: Talk, name: str) -> Exit:
    """Print a JSON Schema of the machine interface.

    NAME is report, pair, answer, waivers or changelog. docs/machine-interface.md describes them.
    """
    talk.raw(interface.text(name))
    return talk.end(Exit.PASS, f"this is {interface.SCHEMAS[name]}", "treaty check --help")
