"""`treaty references`: what a thing of the business is called in each system."""

import click

from registry.cli.client import connect
from registry.cli.exits import Exit
from registry.cli.lazy import Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("entity", "canonical", "system", "external_id", "run", "at")


@click.group(cls=Group)
def command() -> None:
    """Show and correct cross references: ids of systems that stand for the same thing.

    Flows tell them; where a record may be the same and need not be, a person has decided.
    """


@command.command("list")
@click.option("--entity", help="Only of this entity, like customer.")
@click.option("--system", help="Only of this system, by its contract.")
@click.option("--id", "external_id", help="Only this id of a system.")
@click.option("--canonical", help="Only what this canonical id stands for.")
@limit
@output()
@pass_talk
def list_(
    talk: Talk, /, limit: int, entity: str | None, system: str | None,
    external_id: str | None, canonical: str | None,
) -> Exit:  # fmt: skip
    """List cross references."""
    asked = {"entity": entity, "system": system, "external_id": external_id, "canonical": canonical}
    with connect() as registry:
        found = registry.items("/v1/cross-references", limit, **asked)
    talk.table(found, _COLUMNS, empty="no cross references")
    return talk.end(Exit.PASS, f"{len(found)} references", "treaty references --help")


@command.command()
@click.argument("entity")
@click.argument("system")
@click.argument("external_id")
@click.option("--reason", required=True, help="Why; it is kept in the audit log.")
@pass_talk
def unlink(talk: Talk, entity: str, system: str, external_id: str, reason: str) -> Exit:
    """Forget a wrong reference: the next run matches the record anew."""
    body = {"entity": entity, "system": system, "external_id": external_id, "reason": reason}
    with connect() as registry:
        registry.post("/v1/cross-references/unlink", body)
    following = f"treaty references list --entity {entity}"
    return talk.end(Exit.PASS, f"{system} {external_id} is forgotten", following)
