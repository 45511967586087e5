"""`treaty alerts`: what is wrong, and who has been told."""

import click

from registry.cli.client import connect
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("rule", "sentence", "state", "channel", "told", "since", "reason")


@click.command(cls=Command)
@click.option("--rule", help="Only of this rule.")
@click.option(
    "--state", type=Choice(("firing", "resolved")), help="Only in this state; firing by default."
)
@limit
@output()
@pass_talk
def command(talk: Talk, limit: int, rule: str | None, state: str | None) -> Exit:
    """List alerts, the newest first. Rules and channels stand in the worker's systems file."""
    with connect() as registry:
        found = registry.items("/v1/alerts", limit, rule=rule, state=state or "firing")
    talk.table(found, _COLUMNS, empty="no alerts")
    return talk.end(
        Exit.PASS, f"{len(found)} alerts", "treaty exceptions causes" if found else "treaty board"
    )
