"""Write or check the generated documents: `python deploy/docs.py --write | --check`.

A document is generated when a person would otherwise copy a list that the code already holds.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from contracts.catalog import problem_types
from contracts.compat import documentation as checks
from contracts.compat.coverage import page as coverage
from contracts.compat.profiles import documentation as profiles
from contracts.lint import documentation as rules
from policies import documentation as kinds
from registry.cli import documentation as commands
from registry.cli import interface as machine

ROOT = Path(__file__).resolve().parent.parent


def problems() -> str:
    """Return docs/problems.md."""
    rows = "".join(
        f"| `{kind.slug}` | {kind.status} | {kind.title} | `{kind.uri}` |\n"
        for kind in problem_types()
    )
    return (
        "# Problem types\n\n"
        "Every refusal of Treaty is `application/problem+json` (RFC 9457). Generated from\n"
        "`contracts/catalog.py`; slugs are never renamed.\n\n"
        "| slug | status | title | type |\n| --- | --- | --- | --- |\n" + rows
    )


DOCUMENTS: dict[str, Callable[[], str]] = {
    "docs/problems.md": problems,
    "docs/checks.md": checks.render,
    "docs/coverage.md": coverage.render,
    "docs/profiles.md": profiles.render,
    "docs/lint.md": rules.render,
    "docs/policies.md": kinds.render,
    **kinds.pages(),
    "docs/cli.md": commands.render,
    "docs/machine-interface.md": machine.render,
}


def main() -> int:
    """Write the documents, or return 1 when one is out of step."""
    parser = argparse.ArgumentParser(description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true")
    action.add_argument("--check", action="store_true")
    write = parser.parse_args().write
    stale = []
    for name, render in DOCUMENTS.items():
        path, text = ROOT / name, render()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print("written:" if write else "out of step, run `make docs`:", name, file=sys.stderr)
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main())
