"""What the command line takes from its environment; nothing else in `registry.cli` reads it."""

import os
from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:8800"


def url() -> str:
    """Return TREATY_URL, or an empty text."""
    return _variable("TREATY_URL")


def token() -> str:
    """Return TREATY_TOKEN, or an empty text."""
    return _variable("TREATY_TOKEN")


def colour_allowed() -> bool:
    """Return False when NO_COLOR (no-color.org) or a dumb terminal says so."""
    return not _variable("NO_COLOR") and _variable("TERM") != "dumb"


def debug() -> bool:
    """Return True when TREATY_DEBUG asks for the traceback of a defect."""
    return bool(_variable("TREATY_DEBUG"))


def user_folder() -> Path:
    """Return the user's configuration folder for Treaty (XDG Base Directory)."""
    configured = _variable("XDG_CONFIG_HOME")
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".config"
    return base / "treaty"


def child_environment(packages: Path) -> dict[str, str]:
    """Return the environment of our own child processes.

    Children run under `python -P`, so that a folder named `contracts` or `registry` in the working
    directory is never imported; a checkout is then found through PYTHONPATH.
    """
    environment = dict(os.environ)  # noqa: TID251  # this is a settings module
    environment["PYTHONUNBUFFERED"] = "1"
    if packages.name not in ("site-packages", "dist-packages"):
        inherited = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(packages), inherited)))
    return environment


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()  # noqa: TID251  # this is a settings module
