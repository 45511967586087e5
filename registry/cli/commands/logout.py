"""`treaty logout`: forgets the stored credentials that are in force here."""

from pathlib import Path

import click

from registry.cli import credentials, settings
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import colour, pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@colour
@pass_talk
def command(talk: Talk) -> Exit:
    """Forget the stored credentials that are in force here. The token itself stays valid."""
    found = next((path for path in credentials.candidates(Path.cwd()) if path.is_file()), None)
    if found is not None:
        found.unlink()
        talk.say(f"removed {found}")
    if settings.token():
        talk.say("warning: TREATY_TOKEN is still set in your environment")
    sentence = "signed out" if found else "nothing was stored"
    return talk.end(Exit.PASS, sentence, "treaty login --url URL")
