"""`treaty lint`: the style gate, offline, with Spectral's rulesets or our own."""

import shlex
import sys
from pathlib import Path

import click

from contracts import baseline
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.lint import dialects
from contracts.lint.judgement import Judgement, judge
from contracts.lint.levels import LintLevel
from contracts.lint.reading import WORDS
from contracts.lint.render import FORMS, WIDTH, render
from contracts.lint.rule import Ruleset, Severity
from contracts.lint.run import lint
from registry.cli import linting, sources, tables
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

_SEVERITIES = [word for word, severity in WORDS.items() if severity is not Severity.OFF]
_LEVELS = [level.value for level in LintLevel if level is not LintLevel.NONE]
_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)
# These forms have room for what could not be honoured.
_TELLING = ("text", "json", "markdown")


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option(
    "-r",
    "--ruleset",
    metavar="RULESET",
    help="A ruleset file, or spectral:oas, treaty:governance, treaty:owasp; by default "
    "treaty-lint.yaml or .spectral.yaml beside the file, else spectral:oas and treaty:governance.",
)
@click.option(
    "--fail-severity",
    type=Choice(_SEVERITIES),
    default="error",
    show_default=True,
    help="The least severity that fails.",
)
@click.option("--require-level", type=Choice(_LEVELS), help="The level that must be reached.")
@click.option(
    "--baseline",
    "known",
    type=click.Path(exists=True, dir_okay=False),
    help="A recorded baseline: only findings that it does not know fail.",
)
@click.option(
    "--save-baseline",
    type=click.Path(dir_okay=False, writable=True),
    help="Record today's findings in this file and pass.",
)
@output(*FORMS)
@pass_talk
def command(
    talk: Talk,
    files: tuple[str, ...],
    ruleset: str | None,
    fail_severity: str,
    require_level: str | None,
    known: str | None,
    save_baseline: str | None,
) -> Exit:
    """Lint FILES, contracts in any format, by a ruleset in Spectral's format.

    Exit code 0: nothing at --fail-severity, and the level is reached. 1: findings. 2: a file or the
    ruleset cannot be read. Parts of a ruleset that need JavaScript are listed, never skipped silently.
    """
    if len(files) > 1 and (known or save_baseline):
        raise click.UsageError("A baseline belongs to one FILE.")
    gate = {
        "threshold": WORDS[fail_severity],
        "required": LintLevel(require_level) if require_level else None,
    }
    judged: list[Judgement] = []
    code = Exit.PASS
    for file in files:
        try:
            recorded = linting.known(known)
            rules = linting.ruleset_for(file, ruleset)
            judged.append(_judge(talk, file, rules, recorded, **gate))  # type: ignore[arg-type]  # two members, two types
        except TreatyError as error:
            talk.problem(error.problem)
            code = Exit.USAGE
    if not judged:
        return code
    if save_baseline:
        return _save(talk, judged[0], save_baseline)
    _show(talk, judged)
    return _end(talk, judged, code)


def _judge(
    talk: Talk,
    file: str,
    rules: Ruleset,
    recorded: baseline.Baseline | None,
    *,
    threshold: Severity,
    required: LintLevel | None,
) -> Judgement:
    text = sources.from_file(file)
    document = yaml.parse(text.content, source=text.source)
    formats = dialects.detect(document.root)
    if not formats:
        talk.say(f"note: {text.source} does not say its format; rules of a format did not run")
    report = lint(document, rules, formats=formats)
    return judge(report, threshold=threshold, required=required, baseline=recorded)


def _save(talk: Talk, judged: Judgement, path: str) -> Exit:
    recorded = baseline.record(judged.report.findings)
    Path(path).write_bytes(recorded.dump())
    sentence = f"{path}: {len(recorded.entries)} findings of {judged.source} are known from now on"
    following = f"treaty lint {shlex.quote(judged.source)} --baseline {shlex.quote(path)}"
    return talk.end(Exit.PASS, sentence, following)


def _show(talk: Talk, judged: list[Judgement]) -> None:
    colour = talk.coloured(sys.stdout)
    width = tables.width() if sys.stdout.isatty() else WIDTH
    text = render(judged, talk.form, colour=colour, width=width)
    if talk.form in ("text", "markdown"):
        talk.result(text)
    else:  # machines get the exact bytes
        talk.raw(text.encode())
    if talk.form not in _TELLING:
        for part in dict.fromkeys(str(u) for each in judged for u in each.report.unsupported):
            talk.say(f"not supported: {part}")


def _end(talk: Talk, judged: list[Judgement], code: Exit) -> Exit:
    failed = [each for each in judged if not each.passes]
    if code is Exit.PASS and failed:
        code = Exit.REFUSED
    worst = failed[0] if failed else judged[0]
    more = f" (and {len(judged) - 1} more documents)" if len(judged) > 1 else ""
    return talk.end(code, f"{worst.source}: {worst.sentence}{more}", _following(worst))


def _following(judged: Judgement) -> str:
    if judged.failing:
        return f"treaty explain {shlex.quote(judged.failing[0].rule)}"
    if judged.standing.cheapest:
        return f"treaty explain {shlex.quote(judged.standing.cheapest[0].rule)}"
    return f"treaty publish {shlex.quote(judged.source)}"
