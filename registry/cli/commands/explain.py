"""`treaty explain`: a rule or a problem, offline; or what the gateway asks of a call, with places."""

import difflib
import sys
from pathlib import Path
from typing import TextIO

import click

from contracts import catalog, render
from contracts.compat.rulebook import entries
from contracts.lint import documentation as lint
from policies.kinds import KINDS
from registry.cli import explaincall, rulepage, tables
from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.explaincall import Facts
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

_MAX_TOKEN = 20_000


@click.command(cls=Command)
@click.argument("rule", required=False)
@click.option("--application", help="The application, by its client id.")
@click.option("--operation", help="OPERATION, or CONTRACT/OPERATION like psa.projects/getProject.")
@click.option("--contract", help="CONTRACT or CONTRACT@VERSION that the operation is of.")
@click.option(
    "--token",
    type=click.File("r"),
    help="File with an access token, - for standard input; says who calls, with what scopes.",
)
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
    contract: str | None,
    token: TextIO | None,
    environment: str,
    file: str | None,
    headers: tuple[str, ...],
    claims: tuple[str, ...],
) -> Exit:
    """Explain a rule, a problem, or what the gateway asks of a call.

    RULE is a compatibility check, a lint rule, a problem slug or a policy kind; that needs no
    registry. With
    --application or --token, and --operation: each rule on that call's way, with the policy file
    and line. A token is read here and sent nowhere; its signature is the gateway's to check.
    """
    if rule and not (application or operation):
        return _rule(talk, rule)
    if not rule and (application or token) and operation:
        wanted = f"{contract}/{operation}" if contract else operation
        text = _compiled(environment) if file is None else Path(file).read_bytes()
        facts = Facts(_pairs(headers, ":"), _pairs(claims, "="), _text_of(token))
        return explaincall.call(talk, application or "", wanted, text, facts)
    raise click.UsageError("Give RULE, or --operation together with --application or --token.")


def _text_of(token: TextIO | None) -> str | None:
    return None if token is None else token.read(_MAX_TOKEN)


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
