"""`treaty lifecycle`: who still calls what is deprecated or past its sunset."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from policies import callers, snapshot
from registry.cli import ledgerfile
from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Group
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("application", "team", "contact", "version", "operation", "calls", "last_call")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group)
def command() -> None:
    """See how far the users of deprecated versions have come."""


@command.command("who-is-left")
@click.argument("contract", metavar="CONTRACT[@VERSION]")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="How far back calls count.",
)
@click.option(
    "--ledger",
    "ledgers",
    multiple=True,
    type=_FILE,
    help="Count from a gateway's ledger.jsonl, without a registry; repeatable.",
)
@click.option(
    "--snapshot",
    "compiled",
    type=_FILE,
    help="With --ledger: the gateway's snapshot, which knows what is deprecated, and teams.",
)
@output()
@pass_talk
def who_is_left(
    talk: Talk, contract: str, days: int, ledgers: tuple[Path, ...], compiled: Path | None
) -> Exit:
    """Tell which applications still call what is on its way out.

    With a VERSION, every call of that version counts; without one, those of versions and operations
    that are deprecated or have a sunset date. A ledger without a snapshot does not know them: then
    all calls count.
    """
    if compiled is not None and not ledgers:
        raise click.UsageError("--snapshot goes with --ledger.")
    name, _, version = contract.partition("@")
    if ledgers:
        told = _counted(talk, name, version, days, ledgers, compiled)
    else:
        with connect() as registry:
            path = f"/v1/contracts/{segment(name)}/who-is-left"
            told = registry.get(path, version=version or None, days=days).json()
    rows = told["callers"]
    talk.table(rows, _COLUMNS, payload=told, empty=f"nobody has called it for {days} days")
    applications = {row["application"] for row in rows}
    calls = sum(row["calls"] for row in rows)
    sentence = f"{len(applications)} applications and {calls} calls in {days} days"
    following = f"treaty contracts sunset {name}" if not rows else f"treaty contracts show {name}"
    return talk.end(Exit.PASS, sentence, following)


def _counted(
    talk: Talk, name: str, version: str, days: int, ledgers: tuple[Path, ...], path: Path | None
) -> dict[str, Any]:
    since = datetime.now(UTC) - timedelta(days=days)
    lines = (entry for ledger in ledgers for entry in ledgerfile.entries(ledger))
    found, unreadable = callers.count(lines, name, version, since)
    if unreadable:
        talk.say(f"warning: {unreadable} lines are no ledger entries and are left out")
    known = snapshot.read(path.read_bytes()) if path is not None else None
    applications = {each.id: each for each in known.applications} if known is not None else {}
    leaving = callers.phased_out(known) if known is not None and not version else None
    newest = sorted(found.items(), key=lambda item: (-item[1].last_call.timestamp(), str(item[0])))
    rows: list[dict[str, Any]] = []
    for caller, calls in newest:
        if leaving is not None and caller[1:] not in leaving:
            continue
        application = applications.get(caller.application or "")
        rows.append(
            {
                "application": caller.application,
                "name": application.name if application else "",
                "team": application.team if application else "",
                "contact": [],
                "version": caller.version,
                "operation": caller.operation,
                "calls": calls.calls,
                "last_call": _written(calls.last_call),
            }
        )
    version_or_all = version or None
    return {"contract": name, "version": version_or_all, "since": _written(since), "callers": rows}


def _written(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")
