"""Says whether the version that a contract states agrees with what its changes need.

Called by the registry's publish and by the command line. Choices beyond Semantic Versioning 2.0.0:

* before 1.0.0 a break needs the next minor version, an addition the next patch;
* a pre-release may change in any way until its release;
* a date (`2026-07`, `2026-07-13`) promises nothing beyond itself, so any later date may break;
* other texts say nothing about size: a break cannot be stated by them, anything else needs a
  different text.
"""

import re
from dataclasses import dataclass

from contracts.ids import Version
from contracts.report import Bump, Report

_DATE = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")
_ORDER = (Bump.NONE, Bump.PATCH, Bump.MINOR, Bump.MAJOR)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the stated step is large enough; `suggestion` is empty where none can be made."""

    agrees: bool
    stated: Bump | None
    required: Bump
    suggestion: str
    message: str

    def as_json(self) -> dict[str, object]:
        """Return plain JSON for reports."""
        return {
            "agrees": self.agrees,
            "stated": self.stated.value if self.stated else None,
            "required": self.required.value,
            "suggestion": self.suggestion,
            "message": self.message,
        }


def required(old_version: str, new_version: str, report: Report) -> Agreement:
    """Return whether `new_version` says what the report found after `old_version`."""
    bump = report.required_bump
    if _DATE.fullmatch(old_version) and _DATE.fullmatch(new_version):
        return _dates(old_version, new_version, bump)
    old, new = Version.parse(old_version), Version.parse(new_version)
    if old is None or new is None or _DATE.fullmatch(old_version) or _DATE.fullmatch(new_version):
        return _texts(old_version, new_version, bump)
    needed = _needed(old, bump)
    suggestion = str(_next(old, needed))
    stated = _stated(old, new)
    if stated is None:
        message = f"{new_version} comes before {old_version}; the next version is {suggestion}"
        return Agreement(False, None, needed, suggestion, message)
    agrees = _ORDER.index(stated) >= _ORDER.index(needed)
    if agrees:
        message = f"{old_version} to {new_version} is a {_word(stated)} step, and {_asks(needed)}"
    else:
        message = (
            f"the change needs a {_word(needed)} step, but {old_version} to {new_version} is "
            f"{_a(stated)}; the next version is {suggestion}"
        )
    return Agreement(agrees, stated, needed, suggestion, message)


def _needed(old: Version, bump: Bump) -> Bump:
    """Return the step that the change needs from this version; before 1.0.0 it is one smaller."""
    if old.major == 0 and bump in (Bump.MAJOR, Bump.MINOR):
        return _ORDER[_ORDER.index(bump) - 1]
    return bump


def _stated(old: Version, new: Version) -> Bump | None:
    """Return the step between two versions, or None when it goes backwards."""
    if new == old:
        return Bump.NONE
    if new < old:
        return None
    if old.pre and (old.major, old.minor, old.patch) == (new.major, new.minor, new.patch):
        return Bump.MAJOR
    if new.major != old.major:
        return Bump.MAJOR
    return Bump.MINOR if new.minor != old.minor else Bump.PATCH


def _next(old: Version, bump: Bump) -> Version:
    if bump is Bump.MAJOR:
        return Version(old.major + 1)
    if bump is Bump.MINOR:
        return Version(old.major, old.minor + 1)
    if bump is Bump.PATCH and not old.pre:
        return Version(old.major, old.minor, old.patch + 1)
    return Version(old.major, old.minor, old.patch) if bump is Bump.PATCH else old


def _dates(old: str, new: str, bump: Bump) -> Agreement:
    stated = Bump.MAJOR if new > old else Bump.NONE if new == old else None
    agrees = stated is not None and _ORDER.index(stated) >= _ORDER.index(bump)
    if agrees:
        message = f"{old} to {new}: a later date may change in any way"
    else:
        message = f"the change needs a date after {old}, but the version says {new}"
    return Agreement(agrees, stated, bump, "", message)


def _texts(old: str, new: str, bump: Bump) -> Agreement:
    agrees = bump is Bump.NONE or (bump is not Bump.MAJOR and old != new)
    if agrees:
        message = f"'{new}' follows '{old}'"
    elif bump is Bump.MAJOR:
        message = f"'{new}' cannot say that it breaks '{old}'; use semantic versions or dates"
    else:
        message = f"the change needs another version than '{old}'"
    return Agreement(agrees, None, bump, "", message)


def _word(bump: Bump) -> str:
    return bump.value if bump is not Bump.NONE else "zero"


def _a(bump: Bump) -> str:
    return "no step" if bump is Bump.NONE else f"a {bump.value} one"


def _asks(bump: Bump) -> str:
    return (
        "no change asks for more" if bump is Bump.NONE else f"the change needs a {bump.value} one"
    )
