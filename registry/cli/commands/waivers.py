"""`treaty waivers`: findings that may stand until a day, asked for by one, approved by another."""

import click

from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_STATES = ("requested", "approved", "revoked")
_COLUMNS = ("id", "contract", "rule", "pointer", "owner", "expires", "expired", "state")


@click.group(cls=Group)
def command() -> None:
    """Request, approve and revoke waivers of findings.

    A waived finding does not stop a publication, until the waiver's last day. A waiver that has
    expired does stop it, until it is revoked.
    """


@command.command("list")
@click.option("--contract", help="Only of this contract.")
@click.option("--state", type=Choice(_STATES), help="Only in this state.")
@click.option("--expired/--current", default=None, help="Only past their last day, or before it.")
@limit
@output()
@pass_talk
def list_(
    talk: Talk, limit: int, contract: str | None, state: str | None, expired: bool | None
) -> Exit:
    """List waivers."""
    passed = None if expired is None else str(expired).lower()
    with connect() as registry:
        found = registry.items("/v1/waivers", limit, contract=contract, state=state, expired=passed)
    talk.table(found, _COLUMNS, empty="no waivers")
    waiting = [waiver["id"] for waiver in found if waiver["state"] == "requested"]
    lapsed = [waiver["id"] for waiver in found if waiver["expired"]]
    following = "treaty waivers request --help"
    if lapsed:
        following = f"treaty waivers revoke {lapsed[0]}"
    elif waiting:
        following = f"treaty waivers approve {waiting[0]}"
    sentence = f"{len(found)} waivers, {len(waiting)} waiting, {len(lapsed)} expired"
    return talk.end(Exit.PASS, sentence, following)


@command.command()
@click.option("--contract", required=True, help="The contract, like psa.projects.")
@click.option("--rule", required=True, help="The check, like enum-value-removed.")
@click.option("--pointer", required=True, help="JSON Pointer of the finding; * is one segment.")
@click.option("--operation", help="Only in this operation, like 'GET /projects'; * is any text.")
@click.option("--consumer", help="Only where it is judged for this application.")
@click.option("--reason", required=True, help="Why the finding may stand.")
@click.option("--owner", help="The team that sees to it; the contract's owner by default.")
@click.option("--expires", required=True, metavar="DATE", help="Its last day, like 2027-03-31.")
@output()
@pass_talk
def request(talk: Talk, /, **given: str | None) -> Exit:
    """Ask for a waiver; somebody else approves it."""
    body = {key: value for key, value in given.items() if value is not None}
    with connect() as registry:
        waiver = registry.post("/v1/waivers", body).json()
    talk.record(waiver)
    sentence = f"waiver {waiver['id']} is {waiver['state']}"
    return talk.end(Exit.PASS, sentence, f"treaty waivers approve {waiver['id']}")


@command.command()
@click.argument("waiver")
@output()
@pass_talk
def approve(talk: Talk, waiver: str) -> Exit:
    """Approve a waiver that somebody else asked for."""
    return _step(talk, waiver, "approve")


@command.command()
@click.argument("waiver")
@output()
@pass_talk
def revoke(talk: Talk, waiver: str) -> Exit:
    """End a waiver; its finding stands again."""
    return _step(talk, waiver, "revoke")


def _step(talk: Talk, waiver: str, verb: str) -> Exit:
    with connect() as registry:
        answer = registry.post(f"/v1/waivers/{segment(waiver)}/{verb}", {}).json()
    talk.record(answer)
    sentence = f"waiver {answer['id']} is {answer['state']}"
    return talk.end(Exit.PASS, sentence, f"treaty waivers list --contract {answer['contract']}")
