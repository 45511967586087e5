"""`treaty help`: topics that belong to no single command, and the help of any command."""

import click

from registry.cli.exits import MEANING, Exit
from registry.cli.lazy import Command
from registry.cli.options import pass_talk
from registry.cli.talk import Talk

_CONFIGURATION = """\
TREATY_URL, TREATY_TOKEN   the registry and the token; they win over files
.treaty/credentials.json   here or in a folder above; `treaty up` and `treaty login --here` write it
~/.config/treaty/          credentials.json of the user; `treaty login` writes it
treaty.yaml                contract, file, compatibility, owner, registry; `treaty init` writes it
treaty-baseline.json       validation issues that were there from the start; only new ones refuse
NO_COLOR, --color          colour is used on a terminal only
TREATY_DEBUG=1             shows the traceback of a defect"""

_TOPICS = {
    "exit-codes": lambda: "\n".join(f"{int(code):>3}  {text}" for code, text in MEANING.items()),
    "configuration": lambda: _CONFIGURATION,
}


@click.command(cls=Command)
@click.argument("topic", required=False)
@pass_talk
@click.pass_context
def command(ctx: click.Context, talk: Talk, topic: str | None) -> Exit:
    """Explain exit codes, configuration, or a command.

    TOPIC is `exit-codes`, `configuration`, or the name of a command; without one, the list.
    """
    root = ctx.find_root()
    if topic in _TOPICS:
        talk.result(_TOPICS[topic]())
        return Exit.PASS
    if topic is None:
        talk.result(root.get_help())
        talk.say(f"topics: {', '.join(_TOPICS)}")
        return Exit.PASS
    group = root.command
    found = group.get_command(root, topic) if isinstance(group, click.Group) else None
    if found is None:
        raise click.exceptions.NoSuchCommand(
            topic, possibilities=[*_TOPICS, *_names(root)], ctx=ctx
        )
    talk.result(found.get_help(click.Context(found, info_name=topic, parent=root)))
    return Exit.PASS


def _names(root: click.Context) -> list[str]:
    return root.command.list_commands(root) if isinstance(root.command, click.Group) else []
