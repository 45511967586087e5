"""Help is quick because it loads next to nothing, reads in narrow places, and is complete."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli_world import ROOT, environment

from registry.cli.app import COMMANDS, cli
from registry.cli.documentation import render
from registry.cli.lazy import Choice, Entry, LazyGroup

HEAVY = {
    "httpx2", "pydantic", "rich", "rich_click", "yaml", "jsonschema", "fastapi", "sqlalchemy",
    "contracts.formats", "contracts.compat", "contracts.validate", "policies", "registry.app",
}  # fmt: skip


def loaded(*arguments):
    code = (
        "import json, sys\n"
        "from registry.cli.app import run\n"
        f"run({list(arguments)!r})\n"
        "sys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], [], ["chekc"], ["help"], ["help", "exit-codes"]])
def test_help_loads_no_heavy_module(arguments):
    assert loaded(*arguments) & HEAVY == set()


def test_help_loads_no_command():
    commands = {f"registry.cli.commands.{entry.name}" for entry in COMMANDS}
    assert loaded("--help") & commands == set()


@pytest.mark.parametrize("name", ["grants", "up", "contracts"])
def test_the_commands_that_speak_http_leave_the_engine_alone(name):
    assert (
        loaded(name, "--help") & {"jsonschema", "jsonschema_rs", "contracts.compat.run", "fastapi"}
        == set()
    )


def commands():
    context = click.Context(cli)
    for entry in COMMANDS:
        command = entry.load()
        yield entry.name, command
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                yield f"{entry.name} {name}", command.get_command(context, name)


ALL = dict(commands())


@pytest.mark.parametrize("name", ALL)
def test_every_command_and_option_says_what_it_is_for(name):
    command = ALL[name]
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_no_choice_is_without_suggestions():
    plain = [
        f"{name} {option.name}"
        for name, command in ALL.items()
        for option in command.params
        if isinstance(option.type, click.Choice) and not isinstance(option.type, Choice)
    ]
    assert plain == []


def test_every_file_is_a_listed_command():
    folder = ROOT / "registry" / "cli" / "commands"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {entry.name for entry in COMMANDS}


def test_a_name_is_listed_once():
    twice = (Entry("up", "a", "b"), Entry("up", "c", "d"))
    with pytest.raises(ValueError, match="listed twice"):
        LazyGroup("treaty", entries=twice)


@pytest.mark.parametrize("columns", [40, 80])
def test_help_fits_a_narrow_place(columns):
    done = subprocess.run(
        [sys.executable, "-m", "registry.cli", "check", "--help"],
        env=environment(COLUMNS=str(columns)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    expected = (Path(__file__).parent / "cases" / f"help-check-{columns}.txt").read_text()
    assert done.stdout == expected
    assert max(map(len, done.stdout.splitlines())) <= columns


def test_a_terminal_gets_drawn_help(treaty, monkeypatch):
    monkeypatch.setattr("registry.cli.lazy._on_terminal", lambda: True)
    done = treaty("check", "--help")
    assert done.exit_code == 0
    assert "─ Options ─" in done.stdout
    assert "--against" in done.stdout


def test_the_document_is_in_step():
    assert (ROOT / "docs" / "cli.md").read_text() == render()
