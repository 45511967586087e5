"""The rulesets that ship: what `extends` may name without a file."""

from collections.abc import Mapping
from importlib.resources import files

# Name in `extends` → file in this folder.
PACKS: Mapping[str, str] = {
    "spectral:oas": "oas.yaml",
    "treaty:governance": "governance.yaml",
    "treaty:owasp": "owasp.yaml",
}
# Rulesets in JavaScript that one of ours stands in for: part of their name → pack.
STAND_INS: Mapping[str, str] = {
    "spectral-owasp": "treaty:owasp",
}


def names() -> tuple[str, ...]:
    """Return the packs that are installed."""
    return tuple(name for name, file in PACKS.items() if files(__name__).joinpath(file).is_file())


def text(name: str) -> bytes:
    """Return the ruleset of a pack. Raises `LookupError` for a name that `names` does not list."""
    if name not in names():
        raise LookupError(name)
    return files(__name__).joinpath(PACKS[name]).read_bytes()
