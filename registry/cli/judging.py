"""What `check`, `diff` and `publish` share: reading two sides, showing a report and what stands beside."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from contracts import baseline, render, waiverfile, waivers
from contracts.baseline import Baseline
from contracts.compat import rulebook, undecided
from contracts.compat.judge import Request, Text, judge_history
from contracts.compat.texts import Texts
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.model import Contract
from contracts.report import Finding, Level, Report, Verdict
from contracts.validate import validate
from registry.cli import exits, project, settings, sources, tables, writing
from registry.cli.exits import Exit
from registry.cli.project import Project
from registry.cli.talk import Talk

_BESIDE = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """The texts that were compared, and the report about them; a text may be missing."""

    olds: tuple[Text, ...]
    new: Text | None
    report: Report
    texts: Texts

    @property
    def readable(self) -> bool:
        """Whether contracts were compared; a text that was fetched may still not be one."""
        return not any(
            rulebook.entry(finding.rule).kind == "problem" for finding in self.report.findings
        )

    @property
    def sentence(self) -> str:
        """The verdict with its numbers and what was compared."""
        counts = ", ".join(
            f"{self.report.count(level)} {word}"
            for level, word in ((Level.ERROR, "breaking"), (Level.WARNING, "warning"))
        )
        numbers = f"{counts}, {self.report.count(Level.INFO)} informative"
        if self.new is None or not self.olds:
            return f"{self.report.verdict.value}: {numbers}"
        after = _named(self.new.source, self.report.new_version)
        before = _named(self.olds[-1].source, self.report.old_version)
        more = f" and {len(self.olds) - 1} before it" if len(self.olds) > 1 else ""
        return f"{self.report.verdict.value}: {numbers}; {after} after {before}{more}"

    @property
    def exit(self) -> Exit:
        """The exit code that the verdict stands for."""
        return {
            Verdict.COMPATIBLE: Exit.PASS,
            Verdict.BREAKING: Exit.REFUSED,
            Verdict.UNDECIDED: Exit.UNDECIDED,
        }[self.report.verdict]


def judge(new: str, olds: Sequence[str], request: Request, *, anywhere: bool = False) -> Judgement:
    """Read all sides and compare them; `olds` are oldest first, none asks for the predecessor.

    `new` is a file, or with `anywhere` whatever `--against` may name.
    What cannot be read or decided makes the report undecided. Raises `TreatyError` where nobody
    is signed in, and click's usage errors.
    """
    findings: list[Finding] = []

    def fetch(side: str, name: str, source: Callable[[], sources.Text]) -> Text | None:
        try:
            found = source()
            return Text(found.content, found.source)
        except TreatyError as error:
            if exits.of(error.problem) is not Exit.UNDECIDED:
                raise
            findings.append(undecided.unreadable(error.problem, side=side, source=name))
        return None

    sought = [fetch("old", old, partial(sources.from_anywhere, old)) for old in olds]
    if not olds:
        sought = [fetch("old", new, lambda: sources.predecessor(new))]
    after = fetch(
        "new", new, partial(sources.from_anywhere if anywhere else sources.from_file, new)
    )
    befores = tuple(text for text in sought if text)
    texts = Texts()
    if after is None or findings:
        return Judgement(befores, after, undecided.report(*findings), texts)
    return Judgement(befores, after, _judged(befores, after, request, texts), texts)


def _judged(olds: Sequence[Text], new: Text, request: Request, texts: Texts) -> Report:
    try:
        return judge_history(olds, new, request, texts=texts)
    except Exception as error:
        if settings.debug():
            raise
        sentence = f"a defect in Treaty, please report it ({type(error).__name__})"
        return undecided.report(undecided.stopped(sentence))


def waive(judged: Judgement, file: Path, request: Request, consumer: str) -> Judgement:
    """Return the judgement with the waivers of a file applied. Raises `TreatyError`."""
    read = waiverfile.read(yaml.parse(sources.from_file(str(file)).content, source=str(file)))
    on = request.on or datetime.now(UTC).date()
    mode = request.mode.pairwise
    report = waivers.apply(judged.report, read, on, mode=mode, consumer=consumer)
    return Judgement(judged.olds, judged.new, report, judged.texts)


def show(talk: Talk, report: Report, target: Path | None = None) -> None:
    """Print a report in the chosen form, or write it to a file. Raises `OSError`."""
    colour = target is None and talk.coloured(sys.stdout)
    width = tables.width() if target is None and sys.stdout.isatty() else render.WIDTH
    text = render.render(report, talk.form, colour=colour, width=width)
    if target is not None:
        writing.write(target, text.encode(errors="backslashreplace"))
    elif talk.form in ("text", "markdown"):
        talk.result(text)
    else:
        talk.raw(text.encode(errors="backslashreplace"))


def known_issues(described: Project | None) -> Baseline:
    """Return the issues recorded beside treaty.yaml. Raises `TreatyError` (not-readable)."""
    path = described.folder / project.BASELINE if described else None
    if path is None or not path.is_file():
        return Baseline()
    return baseline.read(yaml.parse(path.read_bytes(), source=path.name))


def beside(talk: Talk, judged: Judgement, request: Request) -> None:
    """Say on stderr, in a few lines, what the new contract breaks of its own specification."""
    contract = contract_of(judged, request)
    if contract is None:
        return
    _, found = known_issues(project.find(Path.cwd())).split(validate(contract))
    for issue in found[:_BESIDE]:
        talk.say(f"note: {issue.place}: {issue.message}")
    if len(found) > _BESIDE:
        more = len(found) - _BESIDE
        talk.say(f"note: {contract.document.source}: {more} more validation issues")


def contract_of(judged: Judgement, request: Request) -> Contract | None:
    """Return the new contract, or None where it cannot be read."""
    if judged.new is None:
        return None
    try:
        return judged.texts.contract(judged.new.content, judged.new.source, request.format)
    except (TreatyError, RecursionError, MemoryError):
        return None


def _named(source: str, version: str) -> str:
    return f"{source} ({version})" if version else source
