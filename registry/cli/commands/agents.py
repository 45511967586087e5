"""`treaty agents`: who may answer for a site."""

import click

from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("id", "site", "name", "seen_at", "revoked_at")


@click.group(cls=Group)
def command() -> None:
    """List, enrol and revoke agents: processes that call systems on premises for the workers."""


@command.command("list")
@limit
@output()
@pass_talk
def list_(talk: Talk, /, limit: int) -> Exit:
    """List agents."""
    with connect() as registry:
        found = registry.items("/v1/agents", limit)
    talk.table(found, _COLUMNS, empty="no agents")
    return talk.end(Exit.PASS, f"{len(found)} agents", "treaty agents enrol SITE --name NAME")


@command.command()
@click.argument("site")
@click.option("--name", required=True, help="What people call this agent.")
@output()
@pass_talk
def enrol(talk: Talk, site: str, name: str) -> Exit:
    """Enrol an agent of a site; its token is printed once, to stdout."""
    with connect() as registry:
        made = registry.post("/v1/agents", {"site": site, "name": name}).json()
    if talk.form == "json":
        talk.data(made)
    else:
        talk.result(made["token"])
    following = f"treaty agent --hub wss://WORKER/agents/{site} --token-file FILE --systems FILE"
    return talk.end(Exit.PASS, f"agent {made['id']} is enrolled; keep its token", following)


@command.command()
@click.argument("agent")
@pass_talk
def revoke(talk: Talk, agent: str) -> Exit:
    """Revoke an agent's token: workers send it away within seconds."""
    with connect() as registry:
        registry.post(f"/v1/agents/{segment(agent)}/revoke", {})
    return talk.end(Exit.PASS, f"agent {agent} is revoked", "treaty agents list")
