"""Every `treaty` line of README.md is one that the command line accepts."""

import re
import shlex

import click
import pytest
from cli_world import ROOT

from registry.cli.app import cli
from registry.cli.talk import Talk

LINES = re.findall(r"^\.venv/bin/treaty (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)


def accepted(arguments):
    """Parse a line without running it; click raises `UsageError` where it would not run."""
    context = click.Context(cli, obj=Talk())
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(context, list(arguments))
        if isinstance(command, click.Group):
            arguments, context = rest, click.Context(command, info_name=name, parent=context)
        else:
            context = command.make_context(name, rest, parent=context)
    return context.params


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_readme_is_accepted(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("openapi.yaml", "new.yaml", "old.yaml", "waivers.yaml", "snapshot.json"):
        (tmp_path / name).touch()
    (tmp_path / "world").mkdir()
    assert accepted(shlex.split(line.partition(" > ")[0], comments=True))


def test_a_line_with_a_wrong_option_is_not():
    with pytest.raises(click.NoSuchOption):
        accepted(["changelog", "new.yaml", "--against", "old.yaml"])
