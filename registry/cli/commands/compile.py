"""`treaty compile`: a folder of YAML to one snapshot that a gateway serves without a registry."""

import sys
from pathlib import Path

import click

from policies.compile import compile_with_warnings
from policies.folder.reading import inputs
from registry.cli import worldfiles, writing
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import colour, pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    default="snapshot.json",
    show_default=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="The file to write, in one step; - for standard output.",
)
@click.option("--check", is_flag=True, help="Only say what is wrong; write nothing.")
@colour
@pass_talk
def command(talk: Talk, folder: Path, output: Path, check: bool) -> int:
    """Compile a folder of contracts, policies, plans, applications, grants and deployments.

    Every YAML file below FOLDER is read. `treaty schema folder` prints the form of the files, and
    docs/gateway.md has an example to copy. `treaty gateway --snapshot FILE` serves the result, and
    takes a new one as soon as the file is replaced.
    """
    done = compile_with_warnings(inputs(worldfiles.read(folder)))
    for warning in done.warnings:
        talk.say(f"warning: {warning}")
    snapshot = done.snapshot
    if not snapshot.contracts:
        talk.say(f"warning: nothing is deployed in {folder}; a gateway would answer every call 404")
    operations = sum(len(plan.operations) for plan in snapshot.contracts)
    what = f"{len(snapshot.contracts)} contract version(s), {operations} operation(s)"
    if check:
        return talk.end(Exit.PASS, f"{folder} compiles: {what}", f"treaty compile {folder}")
    if str(output) == "-":
        sys.stdout.buffer.write(snapshot.write() + b"\n")
        sys.stdout.flush()
    else:
        writing.write(output, snapshot.write() + b"\n")
    return talk.end(
        Exit.PASS,
        f"{what} in {output}, {snapshot.digest[:19]}",
        f"treaty gateway --snapshot {output} --port 8801",
    )
