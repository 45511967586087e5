"""Linting a stored version or a draft of one; each answer is stored. Called by the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts import catalog
from contracts.digest import contract_digest
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.lint import packs, ruleset
from contracts.lint.judgement import Judgement, judge
from contracts.lint.rule import Ruleset
from contracts.lint.run import lint
from registry.services import reports
from registry.services.publish import find
from registry.services.reading import contract_of
from registry.services.reports import Question
from registry.services.work import Units

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to lint by what: a draft instead of the version, rules instead of a shipped ruleset."""

    ruleset: str = DEFAULT
    rules: bytes | None = None
    draft: bytes | None = None
    source: str = "contract.yaml"


@dataclass(frozen=True, slots=True)
class Linted:
    """The stored result, and the judgement itself where it had to be made."""

    id: str
    content: Mapping[str, Any]
    judgement: Judgement | None


def run(units: Units, contract: str, version: str, asked: Asked, *, fresh: bool) -> Linted:
    """Return the lint result; `fresh` makes the judgement even where the result is stored.

    Raises `TreatyError`: not-found, invalid-ruleset, and what parsing raises.
    """
    with units() as work:
        row = find(work, contract, version)
        document = contract_of(work, row).document
        name, on = row.version, work.now().date()
    if asked.draft is not None:
        document, name = yaml.parse(asked.draft, source=asked.source), ""
    question = Question(
        kind="lint",
        contract=contract,
        earlier=(),
        new_version=name,
        new_digest=contract_digest(document.root),
        new_text=reports.text_digest(document.text),
        source=document.source,
        on=on,
        ruleset=reports.text_digest(asked.rules) if asked.rules else asked.ruleset,
    )
    if not fresh:
        with units() as work:
            known = reports.known(work, question.id)
            if known is not None:
                return Linted(known.id, known.content, None)
    judgement = judge(lint(document, _rules(asked)))
    stored = reports.keep_apart(units, question, _told(judgement))
    return Linted(stored.id, stored.content, judgement)


def _rules(asked: Asked) -> Ruleset:
    if asked.rules is not None:
        return ruleset.loads(asked.rules, "ruleset.yaml", _nothing)
    if asked.ruleset == DEFAULT:
        return ruleset.default()
    if asked.ruleset not in packs.names():
        raise TreatyError(catalog.NOT_FOUND, f"There is no ruleset {asked.ruleset!r} here.")
    return ruleset.loads(f"extends: ['{asked.ruleset}']".encode(), "(query)", _nothing)


def _nothing(name: str) -> bytes:
    # A ruleset that is sent to a server names no files of that server.
    raise LookupError(name)


def _told(judgement: Judgement) -> dict[str, object]:
    return judgement.as_json() | {"verdict": "passes" if judgement.passes else "fails"}
