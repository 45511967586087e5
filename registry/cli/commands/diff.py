"""`treaty diff`: every difference, harmless ones too; a report to read rather than a gate."""

import shlex
from pathlib import Path
from typing import Any

import click

from registry.cli import judging, questions
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.argument("old")
@click.argument("new", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@questions.asked
@click.option("--exit-code", is_flag=True, help="Leave with the code that `check` would give.")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the result to a file.",
)
@output(*questions.REPORT_FORMS)
@pass_talk
def command(talk: Talk, /, old: str, new: str, **asked: Any) -> Exit:
    """Show every difference between OLD and NEW.

    OLD is a file, a contract id or REVISION:path; NEW is a file. The exit code is 0 unless
    --exit-code is given or a text cannot be read.
    """
    request = questions.request(asked)
    judged = judging.judge(new, (old,), request)
    judging.show(talk, judged.report, asked["target"])
    judging.beside(talk, judged, request)
    code = judged.exit if asked["exit_code"] or not judged.readable else Exit.PASS
    following = shlex.join(["treaty", "check", new, "--against", old])
    if not judged.readable:
        return talk.end(code, judged.sentence, following)
    return talk.end(code, f"the differences are above; {judged.sentence}", following)
