"""`treaty changelog`: what changed between two versions, in sentences for their readers."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from contracts import changelog, render
from contracts.render.changelog import FORMS
from registry.cli import judging, questions, tables, writing
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.argument("old")
@click.argument("new", required=False)
@click.option("--from", "revision", metavar="REV", help="OLD as it was in this git revision.")
@questions.asked
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the result to a file.",
)
@output(*FORMS)
@pass_talk
def command(talk: Talk, /, old: str, new: str | None, **asked: Any) -> Exit:
    """Tell what changed between OLD and NEW, or in a FILE since a git revision (--from).

    Each is a file, a contract id or REVISION:path. Breaking changes come first, then suspected
    ones, then what is deprecated, added, changed and removed. The exit code is 0 unless a text
    cannot be read.
    """
    if (new is None) == (asked["revision"] is None):
        raise click.UsageError("Give OLD and NEW, or one FILE with --from.")
    before, after = (old, new) if new is not None else (f"{asked['revision']}:{old}", old)
    request = questions.request(asked)
    judged = judging.judge(after, (before,), request, anywhere=True)
    following = shlex.join(["treaty", "check", after, "--against", before])
    if not judged.readable:
        for finding in judged.report.findings:
            talk.say(f"{finding.rule}: {finding.message}")
        return talk.end(judged.exit, judged.sentence, following)
    log = changelog.of(judged.report)
    width = tables.width() if sys.stdout.isatty() else render.WIDTH
    text = FORMS[talk.form](log, width)
    if asked["target"]:
        writing.write(asked["target"], text.encode(errors="backslashreplace"))
    elif talk.form == "text":
        talk.result(text)
    else:
        talk.raw(text.encode(errors="backslashreplace"))
    count = sum(map(len, log.sections.values()))
    return talk.end(
        Exit.PASS, f"{count} change{'' if count == 1 else 's'}; {judged.sentence}", following
    )
