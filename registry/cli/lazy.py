"""Command classes: loaded when used, with close names suggested and help that reads everywhere."""

import difflib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from registry.cli import settings


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the command list; `summary` stands here so that help loads no command."""

    name: str
    section: str
    summary: str

    def load(self) -> click.Command:
        """Return the command, found as `command` in the module of its name."""
        module = import_module(f"registry.cli.commands.{self.name.replace('-', '_')}")
        command: click.Command = module.command
        return command


class Formatter(click.HelpFormatter):
    """click's, with a first column that leaves room for the second in a narrow place."""

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write a definition list."""
        super().write_dl(rows, min(col_max, self.width // 3), col_spacing)


class Context(click.Context):
    """A context whose help is written by `Formatter`."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help is drawn by rich-click on a terminal and plain elsewhere."""

    context_class = Context
    panels: Sequence[Any] = ()  # rich-click looks for it

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page."""
        if _on_terminal():
            return _drawn(self, ctx)
        return super().get_help(ctx)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    context_class = Context
    panels: Sequence[Any] = ()

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page."""
        if _on_terminal():
            return _drawn(self, ctx)
        return super().get_help(ctx)


class LazyGroup(click.Group):
    """The root: knows its commands by name and sentence, loads one only to run it."""

    context_class = Context

    def __init__(self, *args: Any, entries: Sequence[Entry] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {entry.name: entry for entry in entries}
        if len(self.entries) != len(entries):
            raise ValueError("a command is listed twice")

    def list_commands(self, ctx: click.Context) -> list[str]:  # click's signature
        """Return the names in the order of the list."""
        return list(self.entries)

    def get_command(
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | None:  # click's signature
        """Return the command, loading its module."""
        entry = self.entries.get(cmd_name)
        return entry.load() if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, or suggest close names."""
        if args and not args[0].startswith("-") and args[0] not in self.entries:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self.entries, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:  # click's signature
        """Write the commands by section, from the list alone."""
        for section in dict.fromkeys(entry.section for entry in self.entries.values()):
            rows = [(e.name, e.summary) for e in self.entries.values() if e.section == section]
            with formatter.section(section):
                formatter.write_dl(rows)


class Choice(click.Choice[str]):
    """A choice that suggests the nearest value."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Return the choices in one line; click writes a line with a tab for each."""
        return f"Choose from {', '.join(self.choices)}."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the chosen value. Raises `BadParameter` with a suggestion."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = difflib.get_close_matches(str(value)[:80], list(self.choices), 1)
            if not near:
                raise
            sentence = f"{error.message} Did you mean {near[0]!r}?"
            raise click.BadParameter(sentence, ctx=ctx, param=param) from None


def _on_terminal() -> bool:
    return sys.stdout.isatty() and settings.colour_allowed()


def _drawn(command: click.Command, ctx: click.Context) -> str:
    # rich costs a tenth of a second; only a person reading help on a terminal waits for it.
    from rich_click import RichContext, RichHelpFormatter  # noqa: PLC0415  # see above
    from rich_click.rich_help_rendering import get_rich_help_text  # noqa: PLC0415  # see above
    from rich_click.rich_panel import construct_panels  # noqa: PLC0415  # see above

    rich = RichContext(command, info_name=ctx.info_name, parent=ctx.parent)
    formatter: RichHelpFormatter = rich.make_formatter()
    command.format_usage(rich, formatter)
    get_rich_help_text(command, rich, formatter)
    for panel in construct_panels(command, rich, formatter):  # type: ignore[arg-type]  # any click command with `panels` is accepted
        formatter.write(panel.render(command, rich, formatter))  # type: ignore[arg-type]  # as above
    return formatter.getvalue()
