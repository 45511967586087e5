"""`treaty audit`: the log of what was done, and whether its chain holds."""

import click

from registry.cli.client import connect
from registry.cli.exits import Exit
from registry.cli.lazy import Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("seq", "at", "actor", "action", "object")


@click.group(cls=Group)
def command() -> None:
    """Read the audit log, and verify its chain."""


@command.command("list")
@click.option("--actor", help="Only what this actor did.")
@click.option("--action", help="Only this action, like contract.published.")
@click.option("--object", "subject", help="Only on this object, like psa.projects@2.0.0.")
@limit
@output()
@pass_talk
def list_(
    talk: Talk, actor: str | None, action: str | None, subject: str | None, limit: int
) -> Exit:
    """List what was done, by whom, on what; newest first."""
    with connect() as registry:
        entries = registry.items("/v1/audit", limit, actor=actor, action=action, object=subject)
    talk.table(entries, _COLUMNS)
    return talk.end(Exit.PASS, f"{len(entries)} entries", "treaty audit verify")


@command.command()
@output()
@pass_talk
def verify(talk: Talk) -> Exit:
    """Verify the hash chain of the whole log. Exit code 1 when it does not hold."""
    with connect() as registry:
        answer = registry.get("/v1/audit/verify").json()
    talk.record(answer)
    if not answer["ok"]:
        return talk.end(Exit.REFUSED, "the chain does not verify: rows were changed or removed")
    count = answer["entries"]
    return talk.end(Exit.PASS, f"the chain of {count} entries verifies", "treaty audit list")
