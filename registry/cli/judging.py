"""What `check`, `diff` and `publish` share: reading two sides, showing a report and what stands beside."""

import sys
from dataclasses import dataclass
from pathlib import Path

from contracts import baseline, render
from contracts.baseline import Baseline
from contracts.compat.mode import Mode
from contracts.compat.run import compare
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.model import Contract
from contracts.report import Level, Report, Verdict
from contracts.validate import validate
from registry.cli import exits, project, reports, sources, tables
from registry.cli.exits import Exit
from registry.cli.project import Project
from registry.cli.talk import Talk

_BESIDE = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two contracts and the report about them."""

    old: Contract
    new: Contract
    report: Report

    @property
    def sentence(self) -> str:
        """The verdict with its numbers and what was compared."""
        counts = ", ".join(
            f"{self.report.count(level)} {word}"
            for level, word in ((Level.ERROR, "breaking"), (Level.WARNING, "warning"))
        )
        return (
            f"{self.report.verdict.value}: {counts}, {self.report.count(Level.INFO)} informative; "
            f"{_named(self.new)} after {_named(self.old)}"
        )

    @property
    def exit(self) -> Exit:
        """The exit code that the verdict stands for."""
        return {
            Verdict.COMPATIBLE: Exit.PASS,
            Verdict.BREAKING: Exit.REFUSED,
            Verdict.UNDECIDED: Exit.UNDECIDED,
        }[self.report.verdict]


def judge(talk: Talk, new: str, old: str | None, mode: Mode) -> Judgement:
    """Read both sides and compare them.

    Raises `TreatyError`; in JSON form an undecided object is printed first where a text could not
    be read, so that a script always finds a verdict on stdout.
    """
    try:
        before = sources.from_anywhere(old) if old else sources.predecessor(new)
        sides = before.contract(), sources.from_file(new).contract()
    except TreatyError as error:
        if talk.form == "json" and exits.of(error.problem) is Exit.UNDECIDED:
            talk.data(reports.undecided(error.problem.as_json()))
            talk.form = "text"
        raise
    return Judgement(*sides, compare(*sides, mode=mode))


def show(talk: Talk, report: Report) -> None:
    """Print a report in the chosen form."""
    if talk.form == "json":
        talk.data(report.as_json())
    else:
        colour = talk.coloured(sys.stdout)
        width = tables.width() if sys.stdout.isatty() else render.WIDTH
        talk.result(render.render(report, talk.form, colour=colour, width=width))


def known_issues(described: Project | None) -> Baseline:
    """Return the issues recorded beside treaty.yaml. Raises `TreatyError` (not-readable)."""
    path = described.folder / project.BASELINE if described else None
    if path is None or not path.is_file():
        return Baseline()
    return baseline.read(yaml.parse(path.read_bytes(), source=path.name))


def beside(talk: Talk, contract: Contract) -> None:
    """Say on stderr, in a few lines, what a contract breaks of its own specification."""
    _, found = known_issues(project.find(Path.cwd())).split(validate(contract))
    for issue in found[:_BESIDE]:
        talk.say(f"note: {issue.place}: {issue.message}")
    if len(found) > _BESIDE:
        more = len(found) - _BESIDE
        talk.say(f"note: {contract.document.source}: {more} more validation issues")


def _named(contract: Contract) -> str:
    version = f" ({contract.version})" if contract.version else ""
    return f"{contract.document.source}{version}"
