"""Booleans and null: small enough to try every value. Called by `search`."""

from collections.abc import Sequence

from contracts.containment.claims import Among, Atom
from contracts.containment.outcome import NONE, Found, Outcome


def boolean(_: object, atoms: Sequence[Atom], *, final: bool) -> Outcome:  # noqa: ARG001  # one signature for all kinds
    """Return a boolean that meets the atoms."""
    sets = [atom for atom in atoms if isinstance(atom, Among)]
    for value, text in ((True, "true"), (False, "false")):
        if all((text in atom.texts) is atom.holds for atom in sets):
            return Found(value)
    return NONE


def null(_: object, __: Sequence[Atom], *, final: bool) -> Outcome:  # noqa: ARG001  # one signature for all kinds
    """Return null; no atom speaks about it."""
    return Found(None)
