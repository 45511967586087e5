"""`treaty agent`: starts `python -m orchestration agent`."""

import click

from registry.cli import processes
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import pass_talk
from registry.cli.talk import Talk

_FILE = click.Path(exists=True, dir_okay=False)


@click.command(cls=Command)
@click.option(
    "--hub", multiple=True, required=True, help="wss://WORKER/agents/SITE; one per worker."
)
@click.option("--systems", type=_FILE, required=True, help="File with the systems beside it.")
@click.option("--token-file", type=_FILE, required=True, help="File with the agent's token.")
@click.option(
    "--contracts", type=click.Path(exists=True, file_okay=False),
    help="Folder with contracts/ of its own; those that ship are known.",
)  # fmt: skip
@click.option(
    "--places", type=click.IntRange(1, 1_000), default=8, show_default=True,
    help="How many calls it makes at once; workers send no more.",
)  # fmt: skip
@click.option("--ca", type=_FILE, help="CA of the workers' certificates.")
@click.option("--certificate", type=_FILE, help="Certificate that it shows to workers.")
@click.option("--certificate-key", type=_FILE, help="Its key.")
@click.option(
    "--log-level", type=Choice(("error", "warning", "info", "debug")), default="warning",
    show_default=True, help="How much goes to stderr.",
)  # fmt: skip
@pass_talk
def command(talk: Talk, /, hub: tuple[str, ...], **given: object) -> int:
    """Run an agent beside systems on premises: it dials out, and calls them for the workers.

    It makes only calls of its systems' contracts; their addresses and secrets stay with it.
    """
    arguments = ["agent"]
    for each in hub:
        arguments += ["--hub", each]
    for name, value in given.items():
        if value is not None:
            arguments += [f"--{name.replace('_', '-')}", str(value)]
    code = processes.foreground("orchestration", arguments)
    if code in processes.STOPPED:
        return talk.end(Exit.PASS, "the agent has stopped; runs wait as their site's policy says")
    return processes.failed(talk, "the agent", code)
