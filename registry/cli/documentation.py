"""docs/cli.md, generated from the commands themselves; written by `make docs`."""

from collections.abc import Iterator

import click

from registry.cli.app import COMMANDS
from registry.cli.exits import MEANING


def render() -> str:
    """Return the page."""
    parts = [_HEAD, "".join(f"| {int(code)} | {text} |\n" for code, text in MEANING.items())]
    for section in dict.fromkeys(entry.section for entry in COMMANDS):
        parts.append(f"\n## {section}\n")
        for entry in COMMANDS:
            if entry.section == section:
                parts += _command(entry.load(), f"treaty {entry.name}")
    return "".join(parts)


_HEAD = """# The command line

stdout carries the result, stderr the talk; the last lines of a run are its verdict and the next
command. `--format json` prints the machine interface, for a refusal the RFC 9457 problem object.
Generated from `registry/cli/commands/`.

| exit code | meaning |
| --- | --- |
"""


def _command(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    arguments = " ".join(
        parameter.make_metavar(context)
        for parameter in command.params
        if isinstance(parameter, click.Argument)
    )
    yield f"\n### `{' '.join(filter(None, (path, arguments)))}`\n\n{_prose(command.help)}\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _command(child, f"{path} {name}")
        return
    options = [each for each in command.params if isinstance(each, click.Option)]
    if options:
        yield "\n| option | what | default |\n| --- | --- | --- |\n"
        yield from (_option(option, context) for option in options)


def _option(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    values = "" if option.is_flag else f" `{_escaped(option.make_metavar(context))}`"
    shown = option.default if option.show_default and option.default is not None else ""
    default = f"`{shown}`" if shown != "" and not option.is_flag else ""
    required = " (required)" if option.required else ""
    return f"| {names}{values}{required} | {_escaped(option.help or '')} | {default} |\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _prose(text: str | None) -> str:
    return "\n\n".join(
        " ".join(line.strip() for line in paragraph.splitlines())
        for paragraph in (text or "").strip().split("\n\n")
    )
