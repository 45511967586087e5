"""Files of a git revision, read through `git cat-file`: no filter, hook or shell takes part."""

import subprocess
from pathlib import Path

from contracts import catalog
from contracts.errors import TreatyError

_TIMEOUT_SECONDS = 30


def show(revision: str, path: str, *, limit: int, folder: Path | None = None) -> bytes:
    """Return the text of `path` (from the repository's root, or from here) at a revision.

    Raises `TreatyError` (document-not-readable) with what git says.
    """
    if revision.startswith("-"):
        raise TreatyError(catalog.NOT_READABLE, "A git revision does not begin with a dash.")
    if path.startswith(("./", "../", "/")):
        names = [f"{revision}:{path}"]
    else:
        names = [f"{revision}:./{path}", f"{revision}:{path}"]
    said = ""
    for name in names:
        done = _git("cat-file", "blob", name, folder=folder)
        if done.returncode == 0:
            if len(done.stdout) > limit:
                raise TreatyError(catalog.TOO_LARGE, f"{name} is over {limit} bytes.")
            return done.stdout
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    raise TreatyError(catalog.NOT_READABLE, f"git cannot show {revision}:{path}: {said}")


def is_tracked(path: Path) -> bool:
    """Return whether HEAD has the file."""
    try:
        done = _git("cat-file", "-e", f"HEAD:./{path.name}", folder=path.parent)
    except TreatyError:
        return False
    return done.returncode == 0


def _git(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  # no shell; a revision cannot be an option
            ["git", *arguments],  # noqa: S607  # the user's own git, wherever it is installed
            cwd=folder,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise TreatyError(catalog.NOT_READABLE, "git is not installed.") from None
    except subprocess.TimeoutExpired:
        raise TreatyError(catalog.NOT_READABLE, "git did not answer in time.") from None
