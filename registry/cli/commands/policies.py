"""`treaty policies`: checked offline, compiled and stored by the registry a file at a time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from contracts.ids import SLUG
from policies.compile import compile as compile_world
from policies.document import Policy
from policies.folder.reading import inputs
from policies.load import load
from policies.replay import REFUSED, replay
from policies.shadow import shadow
from registry.cli import ledgerfile, worldfiles
from registry.cli.client import Client, connect, refusal, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.talk import Talk

_STORED = ("name", "revision", "created_at")
_COLUMNS = ("name", "kind", "mode", "description")
_SHADOW = ("policy", "kind", "reason", "calls", "applications")
_CHANGES = (
    "application",
    "contract",
    "version",
    "operation",
    "change",
    "calls",
    "decision",
    "policy",
    "place",
)
_DAYS = "How far back calls count."
_MAX_BYTES = 1_000_000
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False))


@click.group(cls=Group)
def command() -> None:
    """Check policy documents offline; list, show, apply and delete them in the registry."""


@command.command("list")
@limit
@output()
@pass_talk
def list_(talk: Talk, limit: int) -> Exit:
    """List the policy files in force."""
    with connect() as registry:
        found = registry.items("/v1/policies", limit)
    talk.table(found, _STORED, empty="no policies of your own; the shipped baseline holds")
    return talk.end(Exit.PASS, f"{len(found)} policy files", "treaty policies show NAME")


@command.command()
@click.argument("name")
@output()
@pass_talk
def show(talk: Talk, name: str) -> Exit:
    """Show a policy file as it was written."""
    with connect() as registry:
        policy = registry.get(f"/v1/policies/{segment(name)}").json()
    if talk.form == "json":
        talk.data(policy)
    else:
        talk.result(str(policy["document"]))
    return talk.end(Exit.PASS, f"policy file {name}", "treaty policies check FILE")


@command.command()
@_file
@click.option("--remote", is_flag=True, help="Let the registry compile it with what is deployed.")
@output()
@pass_talk
def check(talk: Talk, file: str, remote: bool) -> Exit:
    """Check a file of policy documents; offline unless --remote."""
    text = _read(file)
    found = load(text, source=file)
    if remote:
        with connect() as registry:
            _compiled(talk, registry, _name(file, None), text)
    talk.table([_row(policy) for policy in found], _COLUMNS, empty="no policy in this file")
    how = "compile" if remote else "are well-formed"
    return talk.end(Exit.PASS, f"{len(found)} policies {how}", f"treaty policies apply {file}")


@command.command()
@_file
@click.option("--name", help="Its name in the registry; the file's name by default.")
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
@output()
@pass_talk
def apply(talk: Talk, file: str, name: str | None, dry_run: bool) -> Exit:
    """Create or replace a policy file in the registry; what does not compile is refused."""
    text, chosen = _read(file), _name(file, name)
    found = load(text, source=file)
    path = f"/v1/policies/{segment(chosen)}"
    with connect() as registry:
        _compiled(talk, registry, chosen, text)
        existing = registry.find(path)
        if not dry_run:
            etag = existing.etag if existing else ""
            registry.put(path, {"document": text.decode()}, etag=etag)
    verb = "replaced" if existing else "created"
    talk.record({"name": chosen, "policies": [policy.name for policy in found], "change": verb})
    sentence = f"policy file {chosen} {'would be ' if dry_run else ''}{verb}"
    return talk.end(Exit.PASS, sentence, "treaty policies list")


@command.command()
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
@pass_talk
def delete(talk: Talk, name: str, dry_run: bool) -> Exit:
    """Delete a policy file; the shipped baseline holds where nothing else does."""
    with connect() as registry:
        path = f"/v1/policies/{segment(name)}"
        existing = registry.get(path)
        if not dry_run:
            registry.delete(path, etag=existing.etag)
    sentence = f"policy file {name} {'would be' if dry_run else 'is'} deleted"
    return talk.end(Exit.PASS, sentence, "treaty policies list")


@command.command()
@click.argument("draft", type=click.Path(exists=True, path_type=Path))
@click.option("--environment", default="demo", show_default=True, help="Whose calls count.")
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help=_DAYS)
@click.option(
    "--ledger",
    "ledgers",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Replay a gateway's ledger.jsonl, without a registry; repeatable.",
)
@output()
@pass_talk
def test(talk: Talk, draft: Path, environment: str, days: int, ledgers: tuple[Path, ...]) -> Exit:
    """Replay the calls of the last days against a draft, and tell which would end otherwise.

    DRAFT is a policy file, held against the registry's ledger; or, with --ledger, a folder of
    `treaty compile`. Exit code 1: calls that passed would be refused.
    """
    if ledgers:
        now = datetime.now(UTC)
        compiled = compile_world(inputs(worldfiles.read(draft)))
        lines = (entry for ledger in ledgers for entry in ledgerfile.entries(ledger))
        done = replay(lines, compiled, now - timedelta(days=days), now)
        calls, rows = done.calls, done.rows
        if done.unreadable:
            talk.say(f"warning: {done.unreadable} lines are no ledger entries and are left out")
    else:
        body = {
            "name": _name(str(draft), None), "document": _read(str(draft)).decode(),
            "environment": environment, "days": days,
        }  # fmt: skip
        with connect() as registry:
            answer = registry.post("/v1/policy-test", body).json()
        calls, rows = answer["calls"], answer["changes"]
    talk.table(
        rows,
        _CHANGES,
        payload={"calls": calls, "changes": rows},
        empty="no call would end otherwise",
    )
    refused = sum(int(str(row["calls"])) for row in rows if row["change"] == REFUSED)
    told = f"{calls} calls of {days} days replayed, {refused} that passed would be refused"
    return talk.end(Exit.REFUSED if refused else Exit.PASS, told, "treaty policies apply FILE")


@command.command("shadow")
@click.option("--since", default="", help="From this instant in UTC, like 2026-11-16.")
@click.option("--until", default="9999", help="Before this instant in UTC.")
@limit
@output()
@pass_talk
def shadow_(talk: Talk, since: str, until: str, limit: int) -> Exit:
    """Show what policies in observe mode would have refused; reads at most --limit ledger entries."""
    with connect() as registry:
        entries = registry.items("/v1/ledger", limit)
    rows = shadow(entries, since, until)
    talk.table(rows, _SHADOW, empty="nothing would have been refused")
    calls = sum(int(str(row["calls"])) for row in rows)
    told = f"{len(entries)} ledger entries read, {calls} refusals would have been made"
    return talk.end(Exit.PASS, told, "treaty policies list")


def _compiled(talk: Talk, registry: Client, name: str, text: bytes) -> None:
    """Let the registry compile a draft. Raises its problem as our own."""
    answer = registry.post("/v1/policy-check", {"name": name, "document": text.decode()}).json()
    for warning in answer["warnings"]:
        talk.say(f"warning: {warning}")
    if not answer["valid"]:
        raise refusal(answer["problem"])


def _name(file: str, given: str | None) -> str:
    name = given or Path(file).name.partition(".")[0].lower().replace("_", "-")
    if not SLUG.fullmatch(name):
        raise click.BadParameter(f"{name!r} is not a name like demo-limits", param_hint="--name")
    return name


def _read(file: str) -> bytes:
    with Path(file).open("rb") as source:
        text = source.read(_MAX_BYTES + 1)
    if len(text) > _MAX_BYTES:
        raise click.BadParameter(f"{file} is over {_MAX_BYTES} bytes", param_hint="FILE")
    return text


def _row(policy: Policy) -> dict[str, object]:
    return {
        "name": policy.name,
        "kind": policy.kind,
        "mode": policy.mode,
        "description": policy.description,
        "file": policy.place.file,
        "line": policy.place.line,
    }
