"""`treaty board`: the business figures, and the records behind one of them."""

from typing import Any

import click

from registry.cli.client import connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

_COLUMNS = ("name", "value", "unit", "records", "details")


@click.command(cls=Command)
@click.argument("metric", required=False)
@output()
@pass_talk
def command(talk: Talk, metric: str | None) -> Exit:
    """Show the business board, or one METRIC with its definition and the records behind it."""
    with connect() as registry:
        if metric is None:
            found = registry.get("/v1/business/metrics").json()["items"]
            shown = [{**each, "details": _brief(each["details"])} for each in found]
            talk.table(shown, _COLUMNS, payload=found, empty="no metrics")
            return talk.end(Exit.PASS, f"{len(found)} metrics", f"treaty board {found[0]['name']}")
        one = registry.get(f"/v1/business/metrics/{segment(metric)}").json()
    behind = one.pop("behind")
    if talk.form == "json":
        talk.data({**one, "behind": behind})
    else:
        talk.record({**one, "details": _brief(one["details"])})
        if behind:
            talk.result("")
            talk.table(behind, tuple(behind[0]), empty="")
    return talk.end(Exit.PASS, f"{one['title']}: {one['value'] or 'nothing yet'}", "treaty board")


def _brief(details: dict[str, Any]) -> str:
    """Return the details that say something, in words."""
    parts = []
    for name, value in details.items():
        inner = value.items() if isinstance(value, dict) else ()
        words = [f"{key}: {entry}" for key, entry in inner if entry not in (0, "", None)]
        if words:
            parts.append(f"{name.replace('_', ' ')} {', '.join(words)}")
        elif not isinstance(value, dict) and value not in (0, "", None, "0.00"):
            parts.append(f"{name.replace('_', ' ')} {value}")
    return "; ".join(parts)
