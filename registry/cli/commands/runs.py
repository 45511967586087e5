"""`treaty runs`: what flows are doing."""

import click

from registry.cli.client import connect
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_STATES = ("waiting", "running", "done", "exception", "superseded", "discarded")
_COLUMNS = ("id", "flow", "business_key", "state", "step", "changed_at")


@click.command(cls=Command)
@click.option("--flow", help="Only of this flow.")
@click.option("--key", help="Only for this business key.")
@click.option("--state", type=Choice(_STATES), help="Only in this state.")
@limit
@output()
@pass_talk
def command(talk: Talk, limit: int, flow: str | None, key: str | None, state: str | None) -> Exit:
    """List runs of flows, the newest first."""
    with connect() as registry:
        found = registry.items("/v1/runs", limit, flow=flow, business_key=key, state=state)
    talk.table(found, _COLUMNS, empty="no runs")
    held = sum(1 for run in found if run["state"] == "exception")
    sentence = f"{len(found)} runs, {held} held by an exception"
    return talk.end(
        Exit.PASS, sentence, "treaty exceptions list" if held else "treaty flows --help"
    )
