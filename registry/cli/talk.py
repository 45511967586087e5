"""What a command says: the result on stdout, the talk on stderr, the verdict and next step last.

The `Talk` object is click's `ctx.obj`; every command gets it.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import IO

import click

from contracts.problem import Problem
from registry.cli import exits, settings, tables
from registry.cli.exits import Exit

_COLOURS = {Exit.PASS: "green", Exit.UNDECIDED: "yellow"}
_WORDS = {
    Exit.PASS: "pass",
    Exit.REFUSED: "fail",
    Exit.USAGE: "usage",
    Exit.UNDECIDED: "undecided",
    Exit.SIGNED_OUT: "not signed in",
    Exit.INTERRUPTED: "interrupted",
}
# Control characters and bidirectional overrides of a stranger's document must not steer a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_STYLED = re.compile(r"(\x1b\[[0-9;]{0,12}m)")
_MAX_ERRORS = 50


def clean(text: str, *, styled: bool = False) -> str:
    """Return `text` with control characters escaped; `styled` lets colour sequences through."""
    parts = _STYLED.split(text) if styled else [text]
    return "".join(
        part if index % 2 else _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", part)
        for index, part in enumerate(parts)
    )


class Talk:
    """Output of one run. `form` is text, json or markdown; `colour` None decides by terminal."""

    def __init__(self, form: str = "text", *, colour: bool | None = None) -> None:
        self.form = form
        self.colour = colour

    def coloured(self, stream: IO[str]) -> bool:
        """Return whether `stream` gets colour."""
        if self.colour is not None:
            return self.colour
        return settings.colour_allowed() and stream.isatty()

    def result(self, text: str) -> None:
        """Print the result, or a part of it, to stdout."""
        colour = self.coloured(sys.stdout)
        click.echo(clean(text.rstrip("\n"), styled=colour), color=colour)

    def raw(self, text: bytes) -> None:
        """Write bytes to stdout exactly as they are."""
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()

    def data(self, value: object) -> None:
        """Print a JSON value to stdout."""
        click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))

    def table(
        self,
        rows: Sequence[Mapping[str, object]],
        columns: Sequence[str],
        *,
        payload: object = None,
        empty: str = "nothing here yet",
    ) -> None:
        """Print rows in the chosen form; JSON gets the whole objects, or `payload` where given."""
        if self.form == "json":
            self.data(list(rows) if payload is None else payload)
        elif not rows:
            self.say(empty)
        else:
            self.result(tables.render(rows, columns, self.form))

    def record(self, value: Mapping[str, object], names: Sequence[str] = ()) -> None:
        """Print one object in the chosen form: all members, or `names` in that order."""
        if self.form == "json":
            self.data(value)
        else:
            shown = {name: value.get(name) for name in names} if names else dict(value)
            self.result(tables.record(shown, self.form))

    def say(self, text: str) -> None:
        """Print a line of talk to stderr."""
        click.echo(clean(text), err=True)

    def end(self, code: Exit, sentence: str, following: str = "") -> Exit:
        """Print the verdict line and the next command; return the exit code."""
        word = click.style(f"{_WORDS[code]}:", fg=_COLOURS.get(code, "red"), bold=True)
        click.echo(f"{word} {clean(sentence)}", err=True, color=self.coloured(sys.stderr))
        if following:
            self.say(f"next: {following}")
        return code

    def problem(self, problem: Problem, following: str = "") -> Exit:
        """Print a problem, the same whether the server or we said it; return its exit code."""
        code = exits.of(problem)
        if self.form == "json":
            self.data(problem.as_json())
        self.say(f"error: {problem.type.title} ({problem.type.slug})")
        for error in problem.errors[:_MAX_ERRORS]:
            place = f"{error.file}:{error.line}:{error.column}" if error.file else ""
            where = " ".join(filter(None, (place, error.pointer)))
            self.say(f"  {where}\n      {error.detail}" if where else f"  {error.detail}")
        if len(problem.errors) > _MAX_ERRORS:
            self.say(f"  and {len(problem.errors) - _MAX_ERRORS} more")
        return self.end(code, problem.detail, following or _following(problem, code))


def _following(problem: Problem, code: Exit) -> str:
    suggested = problem.extensions.get("next_command")
    if isinstance(suggested, str):
        return suggested
    if code is Exit.SIGNED_OUT:
        return "treaty login --url URL   (or `treaty up` for a registry of your own)"
    if problem.type.slug == "unreachable":
        return "treaty doctor"
    return f"treaty explain {problem.type.slug}"
