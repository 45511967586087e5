"""`treaty login`: verifies a token and stores it for its owner only."""

import sys
from pathlib import Path

import click

from registry.cli import credentials, project, settings
from registry.cli.client import Client
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import colour, pass_talk
from registry.cli.talk import Talk

_MAX_TOKEN = 8_000


@click.command(cls=Command)
@click.option("--url", help="The registry; TREATY_URL, treaty.yaml or http://127.0.0.1:8800.")
@click.option("--token", help="An API token. Others may see it in a process list.")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@click.option("--here", is_flag=True, help="Store it in ./.treaty rather than your user folder.")
@colour
@pass_talk
def command(talk: Talk, url: str | None, token: str | None, token_stdin: bool, here: bool) -> Exit:
    """Store the credentials of a registry, after asking it whether they are valid.

    Without --token or --token-stdin, a terminal is asked for the token without showing it.
    """
    address = _address(url)
    secret = _secret(token, token_stdin)
    if not address.startswith("https:") and not credentials.is_loopback(address):
        talk.say(f"warning: the token travels unencrypted to {address}")
    with Client(address, secret) as client:
        me = client.get("/v1/me").json()
    path = _place(here)
    credentials.store(path, address, secret)
    talk.say(f"stored in {path}, readable by you alone")
    if settings.token():
        talk.say("warning: TREATY_TOKEN is set and wins over this file")
    who = " ".join(str(me[part]) for part in ("kind", "name", "role") if me.get(part))
    return talk.end(Exit.PASS, f"signed in to {address} as {who}", "treaty contracts list")


def _address(url: str | None) -> str:
    described = project.find(Path.cwd())
    chosen = url or settings.url() or (described.registry if described else "")
    try:
        return credentials.checked_url(chosen or settings.DEFAULT_URL)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from None


def _secret(token: str | None, from_stdin: bool) -> str:
    if token and from_stdin:
        raise click.UsageError("Give --token or --token-stdin, not both.")
    if from_stdin:
        token = sys.stdin.readline(_MAX_TOKEN)
    elif token is None:
        if not sys.stdin.isatty():
            raise click.UsageError("No terminal to ask: give --token-stdin (or --token).")
        token = click.prompt("Token", hide_input=True, err=True)
    secret = str(token).strip()
    if not secret or not secret.isascii() or not secret.isprintable() or len(secret) >= _MAX_TOKEN:
        raise click.UsageError("A token is one line of printable characters.")
    return secret


def _place(here: bool) -> Path:
    local = Path.cwd() / credentials.FOLDER / credentials.FILE
    if here:
        return local
    # Where a file is found already, it would hide the one in the user's folder.
    existing = (path for path in credentials.candidates(Path.cwd()) if path.is_file())
    return next(existing, settings.user_folder() / credentials.FILE)
