"""What `treaty lint` needs from the disk: rulesets beside a file, and baselines."""

from pathlib import Path

from contracts import baseline
from contracts.baseline import Baseline
from contracts.formats import yaml
from contracts.lint import packs, ruleset
from contracts.lint.rule import Ruleset
from registry.cli import sources

# Looked for beside the contract, in this order.
NAMES = ("treaty-lint.yaml", ".spectral.yaml", ".spectral.yml", ".spectral.json")


def ruleset_for(file: str, chosen: str | None) -> Ruleset:
    """Return the ruleset that is named, else the one beside the file, else our own.

    Raises `TreatyError` (invalid-ruleset and those of parsing).
    """
    if chosen in packs.names():
        return ruleset.loads(f"extends: ['{chosen}']".encode(), "(command line)", _read)
    if chosen:
        return ruleset.load(chosen, _read)
    folder = Path() if file == "-" else Path(file).parent
    found = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    return ruleset.load(found.as_posix(), _read) if found else ruleset.default()


def known(path: str | None) -> Baseline | None:
    """Return the baseline in a file. Raises `TreatyError` (not-readable)."""
    if path is None:
        return None
    return baseline.read(yaml.parse(_read(path), source=path))


def _read(name: str) -> bytes:
    return sources.from_file(name).content
