"""`treaty exceptions`: runs that cannot go on, and what people do about them."""

import json

import click

from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_STATES = ("open", "retrying", "resolved", "discarded")
_COLUMNS = (
    "id",
    "flow",
    "business_key",
    "category",
    "sentence",
    "owner",
    "amount",
    "currency",
    "state",
    "due_at",
)


@click.group(cls=Group)
def command() -> None:
    """See to runs that cannot go on by themselves.

    There is one exception per flow, business key, step and cause. What is asked for here is done by
    a worker, and kept with the exception's history.
    """


@command.command("list")
@click.option("--flow", help="Only of this flow.")
@click.option("--owner", help="Only of this owner.")
@click.option("--category", help="Only of this cause, like outage or validation.")
@click.option("--state", type=Choice(_STATES), help="Only in this state; open by default.")
@limit
@output()
@pass_talk
def list_(
    talk: Talk,
    /,
    limit: int,
    flow: str | None,
    owner: str | None,
    category: str | None,
    state: str | None,
) -> Exit:
    """List exceptions."""
    with connect() as registry:
        found = registry.items(
            "/v1/exceptions",
            limit,
            flow=flow,
            owner=owner,
            category=category,
            state=state or "open",
        )
    talk.table(found, _COLUMNS, empty="no exceptions")
    following = f"treaty exceptions show {found[0]['id']}" if found else "treaty runs"
    return talk.end(Exit.PASS, f"{len(found)} exceptions", following)


@command.command()
@click.argument("exception")
@output()
@pass_talk
def show(talk: Talk, exception: str) -> Exit:
    """Show an exception with its history."""
    with connect() as registry:
        found = registry.get(f"/v1/exceptions/{segment(exception)}").json()
    talk.record(found)
    following = (
        f"treaty exceptions retry {exception}" if found["state"] == "open" else "treaty runs"
    )
    return talk.end(Exit.PASS, f"the exception is {found['state']}", following)


@command.command()
@click.argument("exception", nargs=-1, required=True)
@pass_talk
def retry(talk: Talk, exception: tuple[str, ...]) -> Exit:
    """Try again what failed, with what it reads read anew; several at once where several are named."""
    with connect() as registry:
        for each in exception:
            registry.post(f"/v1/exceptions/{segment(each)}/retry", {})
    return talk.end(
        Exit.PASS, f"{len(exception)} asked to try again", f"treaty exceptions show {exception[0]}"
    )


@command.command()
@click.argument("exception")
@click.option("--value", default="null", show_default=True, help="The step's result, as JSON.")
@click.option("--reason", required=True, help="Why; it is kept with the exception.")
@pass_talk
def decide(talk: Talk, exception: str, value: str, reason: str) -> Exit:
    """Take the step as done: a person decided, or did it in the system itself."""
    try:
        result = json.loads(value)
    except ValueError:
        raise click.UsageError('--value is JSON, like \'{"id": "C1"}\' or true.') from None
    return _asked(talk, exception, "decide", {"reason": reason, "value": result})


@command.command()
@click.argument("exception")
@click.option("--reason", required=True, help="Why; it is kept with the exception.")
@pass_talk
def discard(talk: Talk, exception: str, reason: str) -> Exit:
    """End the run for good."""
    return _asked(talk, exception, "discard", {"reason": reason})


def _asked(talk: Talk, exception: str, act: str, body: dict[str, object]) -> Exit:
    with connect() as registry:
        registry.post(f"/v1/exceptions/{segment(exception)}/{act}", body)
    return talk.end(Exit.PASS, f"asked to {act}", f"treaty exceptions show {exception}")
