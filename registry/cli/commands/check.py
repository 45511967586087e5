"""`treaty check`: the gate. Offline on files and git revisions; downloads published versions."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from contracts.compat.mode import Mode
from contracts.compat.semver import required
from contracts.report import Verdict
from registry.cli import evidence, flowimpact, judging, pairs, questions
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

AGAINST = (
    "A file, a contract id (psa.projects, psa.projects@1.4.0) or REVISION:path; by default the "
    "published version that treaty.yaml names, else the file in HEAD. With a transitive mode, once "
    "for each earlier version, oldest first."
)
_FILE = click.Path(dir_okay=False, path_type=Path)
_ALONE = ("new", "against", "waivers", "witness_dir", "consumer", "flows", "as")


@click.command(cls=Command)
@click.argument(
    "new", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
@click.option("--against", metavar="OLD", multiple=True, help=AGAINST)
@questions.asked
@click.option(
    "--waivers",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Findings that may stand, with reason, approver and last day (docs/machine-interface.md).",
)
@click.option("--consumer", default="", help="Judge for this consumer; its own waivers count too.")
@click.option(
    "--witness-dir",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the witness of every breaking finding there, one file each.",
)
@click.option(
    "--flows",
    metavar="CONTRACT",
    help="Ask the registry which flows the change breaks; unasked where OLD is published there.",
)
@click.option("-o", "--output", "target", type=_FILE, help="Write the result to a file.")
@click.option(
    "--pairs",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Judge one pair a line (JSON Lines) and answer one report a line, in order.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 3_600),
    default=60.0,
    show_default=True,
    help="How long one of the --pairs may take before it is undecided.",
)
@output(*questions.REPORT_FORMS, "jsonl")
@pass_talk
def command(talk: Talk, /, **asked: Any) -> Exit:
    """Judge NEW, a contract file, as the next version of an old one.

    Exit code 0: compatible. 1: breaking, even when the version says so (a new major). 3: undecided,
    because a text cannot be read or a part cannot be judged. Validation issues of the documents
    stand beside the verdict, on stderr. With --pairs: 0 unless it could not run.
    """
    if asked["pairs"] is not None:
        return _many(talk, asked)
    if talk.form == "jsonl":
        raise click.UsageError("--format jsonl goes with --pairs.")
    if asked["new"] is None:
        raise click.UsageError("Judge what? Name the file NEW, or give --pairs.")
    return _one(talk, asked)


def _one(talk: Talk, asked: dict[str, Any]) -> Exit:
    new, olds = asked["new"], asked["against"]
    request = questions.request(asked)
    if request.mode.transitive and not olds:
        raise click.UsageError("A transitive mode needs --against for each earlier version.")
    if len(olds) > 1 and not request.mode.transitive:
        modes = ", ".join(mode for mode in Mode if mode.transitive)
        raise click.UsageError(f"Several --against need a transitive mode: {modes}.")
    judged = judging.judge(new, olds, request)
    if asked["waivers"]:
        judged = judging.waive(judged, asked["waivers"], request, asked["consumer"])
    if asked["witness_dir"]:
        written = evidence.store(asked["witness_dir"], judged.report)
        talk.say(f"witnesses: {written} in {asked['witness_dir']}")
    judging.show(talk, judged.report, asked["target"])
    judging.beside(talk, judged, request)
    flowimpact.tell(talk, judged, asked["flows"])
    agreement = required(judged.report.old_version, judged.report.new_version, judged.report)
    if judged.report.old_version or judged.report.new_version:
        word = "agrees" if agreement.agrees else "does not agree"
        talk.say(f"version {word}: {agreement.message}")
    return talk.end(judged.exit, judged.sentence, _following(judged, asked, agreement.agrees))


def _many(talk: Talk, asked: dict[str, Any]) -> Exit:
    given = [f"--{name.replace('_', '-')}" for name in _ALONE if asked[name]]
    if given:
        raise click.UsageError(f"--pairs is answered alone, without {', '.join(given)}.")
    if talk.form not in ("jsonl", "text"):
        raise click.UsageError("--pairs answers in --format jsonl only.")
    options = (asked["mode"], asked["profile"], asked["policy"] or "")
    target = asked["target"]
    if target is None:
        counted = pairs.run(asked["pairs"], sys.stdout.buffer, options, asked["seconds"])
    else:
        with target.open("wb") as file:
            counted = pairs.run(asked["pairs"], file, options, asked["seconds"])
    told = ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict)
    return talk.end(Exit.PASS, f"{counted.total()} pairs: {told}", "treaty explain RULE")


def _following(judged: judging.Judgement, asked: Mapping[str, Any], agrees: bool) -> str:
    new = asked["new"]
    stated = agrees or not judged.report.new_version
    if judged.report.verdict is Verdict.COMPATIBLE and stated:
        return f"treaty publish {shlex.quote(new)}"
    rules = [finding.rule for finding in judged.report.findings if not finding.waived]
    if rules:
        return f"treaty explain {rules[0]}"
    olds = asked["against"] or [text.source for text in judged.olds]
    return shlex.join(["treaty", "diff", olds[-1], new])
