"""`treaty systems`: the systems that workers call, and the switch to pause one."""

import click

from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("system", "paused_at", "paused_by", "reason")


@click.group(cls=Group)
def command() -> None:
    """List the systems that workers call, pause and resume one."""


@command.command("list")
@limit
@output()
@pass_talk
def list_(talk: Talk, /, limit: int) -> Exit:
    """List the systems that workers call."""
    with connect() as registry:
        found = registry.items("/v1/systems", limit)
    talk.table(found, _COLUMNS, empty="no worker has started yet")
    paused = sum(1 for each in found if each["paused_at"])
    return talk.end(Exit.PASS, f"{len(found)} systems, {paused} paused", "treaty runs")


@command.command()
@click.argument("system")
@click.option("--reason", required=True, help="Why; runs that wait for it tell it.")
@pass_talk
def pause(talk: Talk, system: str, reason: str) -> Exit:
    """Let no call of a system leave: its runs wait, and no attempt is counted."""
    with connect() as registry:
        registry.post(f"/v1/systems/{segment(system)}/pause", {"reason": reason})
    return talk.end(Exit.PASS, f"{system} is paused", f"treaty systems resume {system}")


@command.command()
@click.argument("system")
@pass_talk
def resume(talk: Talk, system: str) -> Exit:
    """Let calls of a system leave again; its runs go on within half a minute."""
    with connect() as registry:
        registry.post(f"/v1/systems/{segment(system)}/resume", {})
    return talk.end(Exit.PASS, f"{system} goes on", "treaty runs")
