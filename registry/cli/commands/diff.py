"""`treaty diff`: every difference, harmless ones too; a report to read rather than a gate."""

import shlex

import click

from contracts.compat.mode import Mode
from registry.cli import judging
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.argument("old")
@click.argument("new", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--mode",
    type=Choice([mode.value for mode in Mode]),
    metavar="MODE",
    default=Mode.BACKWARD.value,
    show_default=True,
    help="Whose side the levels take.",
)
@click.option("--exit-code", is_flag=True, help="Leave with the code that `check` would give.")
@output()
@pass_talk
def command(talk: Talk, old: str, new: str, mode: str, exit_code: bool) -> Exit:
    """Show every difference between OLD and NEW.

    OLD is a file, a contract id or REVISION:path; NEW is a file. The exit code is 0 unless
    --exit-code is given or a text cannot be read.
    """
    judged = judging.judge(talk, new, old, Mode(mode))
    judging.show(talk, judged.report)
    judging.beside(talk, judged.new)
    code = judged.exit if exit_code else Exit.PASS
    following = shlex.join(["treaty", "check", new, "--against", old])
    return talk.end(code, f"the differences are above; {judged.sentence}", following)
