"""`treaty check`: the gate. Offline on files and git revisions; downloads published versions."""

import shlex

import click

from contracts.compat.mode import Mode
from contracts.compat.semver import required
from contracts.report import Verdict
from registry.cli import judging
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

AGAINST = (
    "A file, a contract id (psa.projects, psa.projects@1.4.0) or REVISION:path; by default the "
    "published version that treaty.yaml names, else the file in HEAD."
)


@click.command(cls=Command)
@click.argument("new", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--against", metavar="OLD", help=AGAINST)
@click.option(
    "--mode",
    type=Choice([mode.value for mode in Mode]),
    metavar="MODE",
    default=Mode.BACKWARD.value,
    show_default=True,
    help="What the contract promises: none, backward, forward or full, also _transitive.",
)
@output()
@pass_talk
def command(talk: Talk, new: str, against: str | None, mode: str) -> Exit:
    """Judge NEW, a contract file, as the next version of an old one.

    Exit code 0: compatible. 1: breaking, even when the version says so (a new major). 3: undecided,
    because a text cannot be read or a part cannot be judged. Validation issues of the documents
    stand beside the verdict, on stderr.
    """
    judged = judging.judge(talk, new, against, Mode(mode))
    judging.show(talk, judged.report)
    judging.beside(talk, judged.new)
    agreement = required(judged.old.version, judged.new.version, judged.report)
    word = "agrees" if agreement.agrees else "does not agree"
    talk.say(f"version {word}: {agreement.message}")
    return talk.end(judged.exit, judged.sentence, _following(judged, new, agreement.agrees))


def _following(judged: judging.Judgement, new: str, agrees: bool) -> str:
    if judged.report.verdict is Verdict.COMPATIBLE and agrees:
        return f"treaty publish {shlex.quote(new)}"
    rules = [finding.rule for finding in judged.report.findings if not finding.waived]
    return f"treaty explain {rules[0]}" if rules else f"treaty diff OLD {shlex.quote(new)}"
