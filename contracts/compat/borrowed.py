"""The one way to the rules of other registries (`contracts.compat.profiles`), loaded when asked for.

Called by `contracts.compat.judge` and `rulebook`; a build without that room refuses a profile.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from contracts import catalog
from contracts.compat.mode import Mode, Policy, Profile
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.report import Report

_ROOM = "contracts.compat.profiles"


def judge(profile: Profile, old: Document, new: Document, mode: Mode, policy: Policy) -> Report:
    """Return what another registry says. Raises `TreatyError` (invalid-request) without the room."""
    if find_spec(_ROOM) is None:
        sentence = f"The profile {profile.value} is not part of this build."
        raise TreatyError(catalog.INVALID_REQUEST, sentence)
    report: Report = import_module(_ROOM).judge(profile, old, new, mode, policy)
    return report


def rules() -> Iterator[tuple[str, str, str]]:
    """Yield rule id, registry and sentence of every difference that another registry names."""
    if find_spec(_ROOM) is None:
        return
    room = import_module(f"{_ROOM}.emulation")
    for profile, emulation in room.EMULATIONS.items():
        for entry in emulation.table.values():
            yield room.rule(profile, entry.name), emulation.name, entry.sentence
