"""`treaty schema`: the JSON Schemas of the machine interface."""

import json

import click

from contracts import interface
from policies.folder.documents import World
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import colour, pass_talk
from registry.cli.talk import Talk

_FOLDER = "folder"


@click.command(cls=Command)
@click.argument("name", type=Choice([*interface.SCHEMAS, _FOLDER]), metavar="NAME")
@colour
@pass_talk
def command(talk: Talk, name: str) -> Exit:
    """Print a JSON Schema of the machine interface.

    NAME is report, pair, answer, waivers or changelog, which docs/machine-interface.md describes,
    or folder: the files that `treaty compile` reads.
    """
    if name == _FOLDER:
        text = json.dumps(World.model_json_schema(by_alias=True), indent=2).encode() + b"\n"
        talk.raw(text)
        return talk.end(Exit.PASS, "this is a file of a folder", "treaty compile --help")
    talk.raw(interface.text(name))
    return talk.end(Exit.PASS, f"this is {interface.SCHEMAS[name]}", "treaty check --help")
