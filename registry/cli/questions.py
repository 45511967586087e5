"""The options that say what a judgement asks: mode, profile, policy; shared by `check` and `diff`."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from contracts.compat.judge import Request
from contracts.compat.mode import Mode, Policy, Profile
from contracts.model import Format
from registry.cli.lazy import Choice
from registry.cli.options import listed

F = TypeVar("F", bound=Callable[..., Any])

REPORT_FORMS = ("text", "json", "markdown", "html", "github", "gitlab", "sarif", "junit")


def asked(function: F) -> F:
    """Add the options; values are taken without regard to case."""
    for name, kind, default, sentence in reversed(_OPTIONS):
        values = [member.value for member in kind]
        function = click.option(
            name,
            type=Choice(values, case_sensitive=False),
            # The values stand in the sentence, which wraps where a terminal is narrow.
            metavar=name.removeprefix("--").upper() if name != "--as" else "FORMAT",
            default=default,
            show_default=default is not None,
            help=f"{sentence} {listed(values)}.",
        )(function)
    return function


_OPTIONS: Sequence[tuple[str, Any, str | None, str]] = (
    ("--mode", Mode, Mode.BACKWARD.value, "What the contract promises its consumers."),
    (
        "--profile",
        Profile,
        Profile.CONTAINMENT.value,
        "Whose rules decide about a JSON Schema: ours, or those of another registry.",
    ),
    (
        "--policy",
        Policy,
        None,
        "How an open content model is read; by default to the letter for JSON Schemas only.",
    ),
    ("--as", Format, None, "The format of both sides; by default they say it themselves."),
)


def request(asked: dict[str, Any]) -> Request:
    """Return the request of a command's options."""
    return Request(
        format=Format(asked["as"]) if asked.get("as") else None,
        mode=Mode(asked["mode"]),
        profile=Profile(asked["profile"]),
        policy=Policy(asked["policy"]) if asked["policy"] else None,
    )
