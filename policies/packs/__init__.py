"""The policy packs that ship with Treaty."""

from importlib.resources import files


def names() -> tuple[str, ...]:
    """Return the names of the packs."""
    folder = files("policies.packs")
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def text(name: str) -> bytes:
    """Return a pack. Raises `LookupError` for a name that `names` does not list."""
    if name not in names():
        raise LookupError(name)
    return files("policies.packs").joinpath(name).read_bytes()
