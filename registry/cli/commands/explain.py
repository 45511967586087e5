"""`treaty explain`: a rule or a problem, offline; or what the gateway asks of a call, with places."""

import difflib
import sys
import time
from pathlib import Path

import click

from contracts import catalog, render
from contracts.compat.rulebook import entries
from contracts.lint import documentation as lint
from policies import snapshot
from policies.explain import explain
from policies.kinds import KINDS
from registry.cli import rulepage, tables
from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("stage", "kind", "mode", "condition", "decision", "says", "policy", "place", "pointer")


@click.command(cls=Command)
@click.argument("rule", required=False)
@click.option("--application", help="The application, by its client id.")
@click.option("--operation", help="OPERATION, or CONTRACT/OPERATION like psa.projects/getProject.")
@click.option("--environment", default="demo", show_default=True, help="Which environment.")
@click.option(
    "--snapshot",
    "file",
    type=click.Path(exists=True, dir_okay=False),
    help="Read this snapshot; no registry.",
)
@click.option("--header", "headers", multiple=True, help="NAME: VALUE of the call, for conditions.")
@click.option("--claim", "claims", multiple=True, help="NAME=VALUE of the token, for conditions.")
@output()
@pass_talk
def command(
    talk: Talk,
    rule: str | None,
    application: str | None,
    operation: str | None,
    environment: str,
    file: str | None,
    headers: tuple[str, ...],
    claims: tuple[str, ...],
) -> Exit:
    """Explain a rule, a problem, or what the gateway asks of a call.

    RULE is a compatibility check, a lint rule, a problem slug or a policy kind; that needs no
    registry. With
    --application and --operation: each rule on that call's way, with the policy file and line.
    """
    if rule and not (application or operation):
        return _rule(talk, rule)
    if not rule and application and operation:
        text = _compiled(environment) if file is None else Path(file).read_bytes()
        facts = {"headers": _pairs(headers, ":"), "claims": _pairs(claims, "=")}
        return _call(talk, application, operation, text, facts)
    raise click.UsageError("Give RULE, or --application together with --operation.")


def _rule(talk: Talk, rule: str) -> Exit:
    if told := rulepage.facts(rule):
        width = tables.width() if sys.stdout.isatty() else render.WIDTH
        if talk.form == "text":
            talk.result(rulepage.text(rule, told, width))
        else:
            talk.record({"id": rule, **rulepage.data(told)})
        return talk.end(Exit.PASS, f"{rule} is a {told['is a']}", "treaty check NEW --against OLD")
    known = _known()
    # The packs are only read for a name that nothing else has.
    found = known.get(rule) or lint.explained(rule)
    if found is None:
        near = difflib.get_close_matches(rule, [*known, *entries(), *lint.names()], 3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise click.BadParameter(f"{rule!r} is no check, lint rule, problem or policy kind.{hint}")
    talk.record({"id": rule, **found})
    return talk.end(Exit.PASS, f"{rule} is a {found['is a']}", "treaty help exit-codes")


def _known() -> dict[str, dict[str, object]]:
    known: dict[str, dict[str, object]] = {}
    for kind in KINDS.values():
        known[kind.name] = {"is a": "policy kind", "what": kind.summary, "stage": kind.stage.name}
    for problem in catalog.problem_types():
        known[problem.slug] = {
            "is a": "problem",
            "what": problem.title,
            "status": problem.status,
            "type": problem.uri,
        }
    return known


def _compiled(environment: str) -> bytes:
    with connect() as registry:
        return registry.get(f"/v1/environments/{segment(environment)}/snapshot").body


def _pairs(written: tuple[str, ...], sign: str) -> dict[str, str]:
    pairs = {}
    for text in written:
        name, found, value = text.partition(sign)
        if not found or not name.strip():
            raise click.BadParameter(f"{text[:80]!r} lacks a name and {sign!r}")
        pairs[name.strip().lower() if sign == ":" else name.strip()] = value.strip()
    return pairs


def _only(read: snapshot.Snapshot, operation: str) -> str:
    """Return the one contract that has an operation of this name."""
    found = {p.contract for p in read.contracts for o in p.operations if o.name == operation}
    if len(found) == 1:
        return found.pop()
    known = f"it is one of {', '.join(sorted(found))}" if found else "no contract has it"
    raise click.BadParameter(f"write CONTRACT/OPERATION: {known}", param_hint="--operation")


def _call(
    talk: Talk, application: str, operation: str, text: bytes, facts: dict[str, dict[str, str]]
) -> Exit:
    read = snapshot.read(text)
    contract, slash, name = operation.partition("/")
    if not slash:
        contract, name = _only(read, operation), operation
    told = explain(
        read,
        contract,
        name,
        application,
        now=time.time(),
        claims=dict(facts["claims"]),
        headers=facts["headers"],
    )
    if talk.form == "json":
        talk.data(told)
    else:
        talk.table(_rows(told), _COLUMNS, empty="no rule stands in the way")
    sentence = f"{application} on {told['route']}: {_outcome(told)}"
    if told["canary"]:
        sentence += f"; upstream: {told['canary']}"
    following = f"treaty grants list --application {application}"
    return talk.end(Exit.PASS, sentence, following)


def _outcome(told: dict[str, object]) -> str:
    """Say whether a rule would refuse the call whatever token it brings."""
    rules = told["rules"]
    says = [str(rule["says"]) for rule in rules] if isinstance(rules, list) else []
    words = [str(rule["decision"]) for rule in rules] if isinstance(rules, list) else []
    refusals = [word for word in words if word.startswith("refuses")]
    refusals += [text for text in says if "refused" in text and not refusals]
    return f"refused ({refusals[0]})" if refusals else "let through"


def _rows(told: dict[str, object]) -> list[dict[str, object]]:
    rules = told["rules"]
    return [
        {
            **rule,
            "policy": rule["source"]["policy"],
            "place": f"{rule['source']['file']}:{rule['source']['line']}",
            "pointer": rule["source"]["pointer"],
        }
        for rule in (rules if isinstance(rules, list) else [])
    ]
