"""What the gateway makes of one call, rule by rule: for `treaty explain --operation`."""

import time
from collections.abc import Mapping
from typing import NamedTuple

import click

from policies import snapshot
from policies.explain import explain
from policies.explaintoken import TokenSaid, read_token
from registry.cli.exits import Exit
from registry.cli.talk import Talk

_COLUMNS = ("stage", "kind", "mode", "condition", "decision", "says", "policy", "place", "pointer")


class Facts(NamedTuple):
    """What is known of the call beside who makes it."""

    headers: Mapping[str, str]
    claims: Mapping[str, str]
    token: str | None = None


def _only(read: snapshot.Snapshot, operation: str) -> str:
    """Return the one contract that has an operation of this name."""
    found = {p.contract for p in read.contracts for o in p.operations if o.name == operation}
    if len(found) == 1:
        return found.pop()
    known = f"it is one of {', '.join(sorted(found))}" if found else "no contract has it"
    raise click.BadParameter(f"write CONTRACT/OPERATION: {known}", param_hint="--operation")


def call(talk: Talk, application: str, operation: str, text: bytes, facts: Facts) -> Exit:
    """Say what each rule decides. Raises `TreatyError` (not-found, snapshot-rejected)."""
    read = snapshot.read(text)
    now = time.time()
    said = None if facts.token is None else read_token(read, facts.token, now)
    caller = None if said is None else said.caller
    application = application or (caller.application if caller else "")
    contract, slash, name = operation.partition("/")
    if not slash:
        contract, name = _only(read, operation), operation
    told = explain(
        read,
        contract,
        name,
        application,
        scopes=None if said is None else (caller.scopes if caller else frozenset()),
        now=now,
        claims={**(caller.claims if caller else {}), **facts.claims},
        headers=facts.headers,
    )
    if said is not None:
        told["token"] = [each._asdict() for each in said.checks]
    if talk.form == "json":
        talk.data(told)
    else:
        rows = [*_token_rows(said), *_rows(told)]
        talk.table(rows, _COLUMNS, empty="no rule stands in the way")
    outcome = _refused_token(said) or _outcome(told)
    sentence = f"{application or 'the caller'} on {told['route']}: {outcome}"
    if told["canary"]:
        sentence += f"; upstream: {told['canary']}"
    following = f"treaty grants list --application {application}"
    return talk.end(Exit.PASS, sentence, following)


def _refused_token(said: TokenSaid | None) -> str:
    wrong = [each for each in said.checks if not each.right] if said is not None else []
    return f"refused (the token: {wrong[0].says})" if wrong else ""


def _token_rows(said: TokenSaid | None) -> list[dict[str, object]]:
    checks = () if said is None else said.checks
    empty = dict.fromkeys(_COLUMNS, "")
    return [
        {
            **empty,
            "stage": "token",
            "kind": each.name,
            "decision": "passes" if each.right else "refuses",
            "says": each.says,
        }
        for each in checks
    ]


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
