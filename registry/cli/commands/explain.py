"""`treaty explain`: a rule or a problem, offline; or what the gateway asks of a call, with places."""

import difflib
import sys

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

_COLUMNS = ("stage", "kind", "mode", "says", "policy", "place", "pointer")


@click.command(cls=Command)
@click.argument("rule", required=False)
@click.option("--application", help="The application, by its client id.")
@click.option("--operation", help="CONTRACT/OPERATION, like psa.projects/getProject.")
@click.option("--environment", default="demo", show_default=True, help="Which environment.")
@output()
@pass_talk
def command(
    talk: Talk,
    rule: str | None,
    application: str | None,
    operation: str | None,
    environment: str,
) -> Exit:
    """Explain a rule, a problem, or what the gateway asks of a call.

    RULE is a compatibility check, a lint rule, a problem slug or a policy kind; that needs no
    registry. With
    --application and --operation: each rule on that call's way, with the policy file and line.
    """
    if rule and not (application or operation):
        return _rule(talk, rule)
    if not rule and application and operation:
        return _call(talk, application, operation, environment)
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


def _call(talk: Talk, application: str, operation: str, environment: str) -> Exit:
    contract, slash, name = operation.partition("/")
    if not slash:
        raise click.BadParameter("write CONTRACT/OPERATION", param_hint="--operation")
    with connect() as registry:
        text = registry.get(f"/v1/environments/{segment(environment)}/snapshot").body
    told = explain(snapshot.read(text), contract, name, application)
    if talk.form == "json":
        talk.data(told)
    else:
        talk.table(_rows(told), _COLUMNS, empty="no rule stands in the way")
    sentence = f"{application} on {told['route']}: {_outcome(told)}"
    following = f"treaty grants list --application {application}"
    return talk.end(Exit.PASS, sentence, following)


def _outcome(told: dict[str, object]) -> str:
    """Say whether a rule would refuse the call whatever token it brings."""
    rules = told["rules"]
    says = [str(rule["says"]) for rule in rules] if isinstance(rules, list) else []
    return next((f"refused ({text})" for text in says if "refused" in text), "let through")


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
