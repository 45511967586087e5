"""Options that several commands share."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from registry.cli.lazy import Choice
from registry.cli.talk import Talk

F = TypeVar("F", bound=Callable[..., Any])
_FEW = 4  # more values than these stand in the sentence, which wraps, not in the metavar

pass_talk = click.make_pass_decorator(Talk)


def _set_form(ctx: click.Context, _: click.Parameter, value: str) -> None:
    ctx.find_object(Talk).form = value  # type: ignore[union-attr]  # the root always sets it


def _set_colour(ctx: click.Context, _: click.Parameter, value: str) -> None:
    talk = ctx.find_object(Talk)
    if talk is not None and value != "auto":
        talk.colour = value == "always"


def output(*forms: str) -> Callable[[F], F]:
    """Return a decorator that adds `--format` (text first) and `--color`."""

    def decorate(function: F) -> F:
        # Eager, so that a refusal of another option is already said in the wished form.
        choices = forms or ("text", "json", "markdown")
        short = len(choices) <= _FEW
        form = click.option(
            "--format",
            type=Choice(choices),
            metavar=None if short else "FORM",
            default="text",
            show_default=True,
            expose_value=False,
            is_eager=True,
            callback=_set_form,
            help="Form of the result" + (" on stdout." if short else f": {listed(choices)}."),
        )
        return form(colour(function))

    return decorate


def colour(function: F) -> F:
    """Add `--color`."""
    return click.option(
        "--color",
        type=Choice(("auto", "always", "never")),
        default="auto",
        expose_value=False,
        is_eager=True,
        callback=_set_colour,
        help="Colour; auto means: on a terminal, unless NO_COLOR is set.",
    )(function)


def listed(values: Sequence[str]) -> str:
    """Return `a, b or c`."""
    return f"{', '.join(values[:-1])} or {values[-1]}"


def limit(function: F) -> F:
    """Add `--limit`, how many items a listing shows."""
    return click.option(
        "--limit",
        type=click.IntRange(1, 10_000),
        default=200,
        show_default=True,
        help="How many at most.",
    )(function)
