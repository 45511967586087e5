"""The contracts that ship as data; read by the demo, the sandbox and the command line."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from contracts import catalog
from contracts.errors import TreatyError

_SUFFIXES = (".yaml", ".json")


def names() -> tuple[str, ...]:
    """Return the name of every shipped contract, e.g. `systems/psa.projects-2.0.0.yaml`."""
    return tuple(sorted(_walk(files(__name__), "")))


def text(name: str) -> bytes:
    """Return the bytes of a shipped contract. Raises `TreatyError` (not-found)."""
    # Only listed names are opened, so a name cannot climb out of the package.
    if name not in names():
        raise TreatyError(catalog.NOT_FOUND, f"No contract ships as '{name[:100]}'.")
    return files(__name__).joinpath(*name.split("/")).read_bytes()


def _walk(folder: Traversable, prefix: str) -> list[str]:
    found: list[str] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_SUFFIXES):
            found.append(prefix + entry.name)
    return found
