"""`treaty mock`: starts `python -m orchestration mock`."""

import click

from registry.cli import processes
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import pass_talk
from registry.cli.talk import Talk


@click.command(cls=Command)
@click.argument("contract", type=click.Path(exists=True, dir_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8810,
    show_default=True,
    help="Where it listens.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same answers.")
@pass_talk
def command(talk: Talk, contract: str, host: str, port: int, seed: int) -> int:
    """Serve any OpenAPI contract from its examples and schemas.

    Answers are deterministic by --seed. Ctrl-C stops the mock.
    """
    talk.say(f"mocking {contract} at http://{host}:{port}")
    talk.say(f"next: curl -i http://{host}:{port}/…   (Ctrl-C stops)")
    arguments = ["mock", contract, "--host", host, "--port", str(port), "--seed", str(seed)]
    code = processes.foreground("orchestration", arguments)
    if code in processes.STOPPED:
        return talk.end(Exit.PASS, "the mock has stopped", f"treaty check {contract}")
    return processes.failed(talk, "the mock", code)
