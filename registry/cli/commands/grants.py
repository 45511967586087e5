"""`treaty grants`: which application may call which contract, on which plan, with which scopes."""

import click

from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_STATES = ("requested", "approved", "denied", "revoked")
_COLUMNS = ("id", "application", "contract", "plan", "environment", "scopes", "state")


@click.group(cls=Group)
def command() -> None:
    """Request, approve, deny and revoke an application's access to a contract."""


@command.command("list")
@click.option("--application", help="Only of this application.")
@click.option("--contract", help="Only for this contract.")
@click.option("--environment", help="Only in this environment.")
@click.option("--state", type=Choice(_STATES), help="Only in this state.")
@limit
@output()
@pass_talk
def list_(talk: Talk, /, limit: int, **filters: str | None) -> Exit:
    """List grants."""
    with connect() as registry:
        found = registry.items("/v1/grants", limit, **filters)
    talk.table(found, _COLUMNS, empty="no grants yet")
    waiting = [grant["id"] for grant in found if grant["state"] == "requested"]
    following = f"treaty grants approve {waiting[0]}" if waiting else "treaty grants request --help"
    return talk.end(Exit.PASS, f"{len(found)} grants, {len(waiting)} waiting", following)


@command.command()
@click.option("--application", required=True, help="The application, by its client id.")
@click.option("--contract", required=True, help="The contract, like psa.projects.")
@click.option("--plan", required=True, help="The plan, which sets the limits.")
@click.option("--environment", default="demo", show_default=True, help="Which environment.")
@click.option("--scope", "scopes", multiple=True, help="A scope of the contract; repeatable.")
@click.option("--expires-at", help="RFC 3339 time at which the grant ends.")
@click.option("--version", help="What an unversioned base path means for the application.")
@output()
@pass_talk
def request(talk: Talk, /, scopes: tuple[str, ...], **given: str | None) -> Exit:
    """Request access; a plan that needs no approval grants it at once."""
    body = {key: value for key, value in given.items() if value is not None}
    with connect() as registry:
        grant = registry.post("/v1/grants", {**body, "scopes": list(scopes)}).json()
    talk.record(grant)
    following = (
        f"treaty grants approve {grant['id']}"
        if grant["state"] == "requested"
        else f"treaty explain --application {grant['application']} --operation CONTRACT/OPERATION"
    )
    return talk.end(Exit.PASS, f"grant {grant['id']} is {grant['state']}", following)


@command.command()
@click.argument("grant")
@click.option("--reason", help="Kept in the audit log.")
@output()
@pass_talk
def approve(talk: Talk, grant: str, reason: str | None) -> Exit:
    """Approve a requested grant."""
    return _step(talk, grant, "approve", reason)


@command.command()
@click.argument("grant")
@click.option("--reason", help="Kept in the audit log.")
@output()
@pass_talk
def deny(talk: Talk, grant: str, reason: str | None) -> Exit:
    """Deny a requested grant."""
    return _step(talk, grant, "deny", reason)


@command.command()
@click.argument("grant")
@click.option("--reason", help="Kept in the audit log.")
@output()
@pass_talk
def revoke(talk: Talk, grant: str, reason: str | None) -> Exit:
    """Revoke an approved grant; the gateway refuses with its next snapshot."""
    return _step(talk, grant, "revoke", reason)


def _step(talk: Talk, grant: str, verb: str, reason: str | None) -> Exit:
    with connect() as registry:
        body = {"reason": reason} if reason else {}
        answer = registry.post(f"/v1/grants/{segment(grant)}/{verb}", body).json()
    talk.record(answer)
    sentence = f"grant {answer['id']} is {answer['state']}"
    return talk.end(Exit.PASS, sentence, "treaty grants list")
