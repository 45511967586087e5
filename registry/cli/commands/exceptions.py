"""`treaty exceptions`: runs that cannot go on, and what people do about them."""

import json
from pathlib import Path

import click

from registry.cli import previews, repairing
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
_CAUSE_COLUMNS = ("cause", "flow", "step", "category", "sentence", "count", "overdue", "at_stake")


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
    if talk.form == "json":
        talk.data(found)
    else:
        talk.record(found, [name for name in found if name not in ("history", "changes")])
        for line in previews.past(found):
            talk.result(line)
    following = (
        f"treaty exceptions retry {exception}" if found["state"] == "open" else "treaty runs"
    )
    return talk.end(Exit.PASS, f"the exception is {found['state']}", following)


@command.command("causes")
@click.option("--flow", help="Only of this flow.")
@output()
@pass_talk
def causes_(talk: Talk, /, flow: str | None) -> Exit:
    """List what open exceptions have in common, with how many there are and what is at stake."""
    with connect() as registry:
        found = registry.get("/v1/exception-causes", flow=flow).json()["items"]
    rows = [
        {**each, "at_stake": ", ".join(f"{m['amount']} {m['currency']}" for m in each["at_stake"])}
        for each in found
    ]
    talk.table(rows, _CAUSE_COLUMNS, payload=found, empty="no exceptions")
    following = f"treaty exceptions retry --cause {found[0]['cause']}" if found else "treaty runs"
    total = sum(each["count"] for each in found)
    return talk.end(Exit.PASS, f"{len(found)} causes of {total} exceptions", following)


@command.command()
@click.argument("exception")
@output()
@pass_talk
def preview(talk: Talk, exception: str) -> Exit:
    """Show what a retry would send, and why that acts once; nothing is sent."""
    path = f"/v1/exceptions/{segment(exception)}/preview"
    with connect() as registry:
        registry.post(path, {})
        found = repairing.wait(lambda: registry.get(path).json()["preview"])
    if found is None:
        talk.say("No worker has looked yet; is one running?")
        return talk.end(Exit.UNDECIDED, "no preview", f"treaty exceptions preview {exception}")
    if talk.form == "json":
        talk.data(found)
    else:
        for line in previews.lines(found):
            talk.result(line)
    return talk.end(Exit.PASS, previews.verdict(found), f"treaty exceptions retry {exception}")


@command.command()
@click.argument("exception", nargs=-1)
@click.option("--cause", help="All exceptions of this cause, a few first (`exceptions causes`).")
@click.option(
    "--canary",
    default=5,
    show_default=True,
    type=click.IntRange(0, 1_000),
    help="How many of the cause go first; the others follow when these are healed. 0: all at once.",
)
@pass_talk
def retry(talk: Talk, exception: tuple[str, ...], cause: str | None, canary: int) -> Exit:
    """Try again what failed, with what it reads read anew: named ones, or all of a cause."""
    if (cause is None) is not bool(exception):
        raise click.UsageError("Name exceptions, or a --cause.")
    if cause is not None:
        return _all_of(talk, cause, "retry", "retried with all of its cause", canary)
    with connect() as registry:
        for each in exception:
            registry.post(f"/v1/exceptions/{segment(each)}/retry", {})
    return talk.end(
        Exit.PASS, f"{len(exception)} asked to try again", f"treaty exceptions show {exception[0]}"
    )


@command.command()
@click.argument("exception")
@click.option(
    "--body", type=click.Path(exists=True, dir_okay=False), help="JSON: what the step is to send."
)
@click.option(
    "--event", type=click.Path(exists=True, dir_okay=False), help="JSON: the event's data."
)
@click.option("--reason", required=True, help="Why; it is kept with the exception.")
@pass_talk
def edit(talk: Talk, exception: str, body: str | None, event: str | None, reason: str) -> Exit:
    """Put the step's body or the event's data right, and try again; judged by the contract."""
    if (body is None) is (event is None):
        raise click.UsageError("Give --body or --event, one of them.")
    name, file = ("body", body) if body is not None else ("event", str(event))
    try:
        value = json.loads(Path(str(file)).read_text(encoding="utf-8"))
    except ValueError:
        raise click.UsageError(f"{file} is not JSON.") from None
    with connect() as registry:
        path = f"/v1/exceptions/{segment(exception)}/edit"
        registry.post(path, {"reason": reason, name: value})
        found = repairing.settled(registry, exception)
    refused = repairing.told(found) if found else ""
    if refused:
        talk.say(refused)
        return talk.end(Exit.REFUSED, "the edit was refused", f"treaty exceptions show {exception}")
    state = found["state"] if found else "asked for"
    return talk.end(
        Exit.PASS, f"edited; the exception is {state}", f"treaty exceptions show {exception}"
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
@click.argument("exception", required=False)
@click.option("--cause", help="All exceptions of this cause (`exceptions causes`).")
@click.option("--reason", required=True, help="Why; it is kept with the exception.")
@pass_talk
def discard(talk: Talk, exception: str | None, cause: str | None, reason: str) -> Exit:
    """End the run for good; all runs of a cause with --cause."""
    if (cause is None) is (exception is None):
        raise click.UsageError("Name an exception, or a --cause.")
    if cause is not None:
        return _all_of(talk, cause, "discard", reason, 0)
    return _asked(talk, str(exception), "discard", {"reason": reason})


def _all_of(talk: Talk, cause: str, act: str, reason: str, canary: int) -> Exit:
    path, total = f"/v1/exception-causes/{segment(cause)}/ask", 0
    with connect() as registry:
        if canary:
            first = registry.post(path, {"act": act, "reason": reason, "most": canary}).json()
            total = len(first["asked"])
            held = repairing.unhealed(registry, first["asked"])
            if held:
                said = f"{len(held)} of the first {total} are not healed; {first['left']} were left alone"
                return talk.end(Exit.REFUSED, said, f"treaty exceptions show {held[0]['id']}")
            if first["left"]:
                talk.say(f"the first {total} are healed")
        left = 1
        while left:
            answer = registry.post(path, {"act": act, "reason": reason, "most": 1_000}).json()
            total, left = total + len(answer["asked"]), answer["left"] if answer["asked"] else 0
    if not total:
        return talk.end(
            Exit.REFUSED, "no open exception has that cause", "treaty exceptions causes"
        )
    return talk.end(Exit.PASS, f"{total} asked to {act}", "treaty exceptions causes")


def _asked(talk: Talk, exception: str, act: str, body: dict[str, object]) -> Exit:
    with connect() as registry:
        registry.post(f"/v1/exceptions/{segment(exception)}/{act}", body)
    return talk.end(Exit.PASS, f"asked to {act}", f"treaty exceptions show {exception}")
