"""`treaty services`: the catalog's entries."""

import click

from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

KINDS = ("crm", "erp", "psa", "tracker", "portal", "other")
LEVELS = ("low", "medium", "high", "critical")
_COLUMNS = ("name", "title", "kind", "domain", "owner", "criticality")


@click.group(cls=Group)
def command() -> None:
    """List, show and create catalog entries."""


@command.command("list")
@click.option("--kind", type=Choice(KINDS), help="Only of this kind.")
@click.option("--owner", help="Only of this team.")
@limit
@output()
@pass_talk
def list_(talk: Talk, kind: str | None, owner: str | None, limit: int) -> Exit:
    """List the services."""
    with connect() as registry:
        found = registry.items("/v1/services", limit, kind=kind, owner=owner)
    talk.table(found, _COLUMNS, empty="no services yet")
    return talk.end(Exit.PASS, f"{len(found)} services", "treaty services show NAME")


@command.command()
@click.argument("name")
@output()
@pass_talk
def show(talk: Talk, name: str) -> Exit:
    """Show one service."""
    with connect() as registry:
        service = registry.get(f"/v1/services/{segment(name)}").json()
    talk.record(service)
    return talk.end(Exit.PASS, f"{name} belongs to {service['owner']}", "treaty contracts list")


@command.command()
@click.argument("name")
@click.option("--owner", required=True, help="The owning team.")
@click.option("--title", help="The name as people read it.")
@click.option("--kind", type=Choice(KINDS), default="other", show_default=True, help="What it is.")
@click.option("--domain", default="", help="Business domain, like delivery.")
@click.option(
    "--criticality",
    type=Choice(LEVELS),
    default="medium",
    show_default=True,
    help="What a day without it means.",
)
@click.option("--system-of-record", multiple=True, help="Entity it is the record of; repeatable.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; repeatable.")
@output()
@pass_talk
def create(
    talk: Talk,
    /,
    name: str,
    title: str | None,
    system_of_record: tuple[str, ...],
    tags: tuple[str, ...],
    **given: str,
) -> Exit:
    """Create a service."""
    lists = {"system_of_record": list(system_of_record), "tags": list(tags)}
    body = {"name": name, "title": title or name, **given, **lists}
    with connect() as registry:
        service = registry.post("/v1/services", body).json()
    talk.record(service)
    return talk.end(Exit.PASS, f"{name} is in the catalog", f"treaty init FILE --service {name}")
