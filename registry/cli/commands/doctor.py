"""`treaty doctor`: what a run of Treaty needs, line by line, each with its fix."""

import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from contracts.errors import TreatyError
from registry.cli import credentials, project, settings
from registry.cli.client import Answer, Client
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.talk import Talk

_OLDEST = (3, 11)
_SKEW_SECONDS = 30.0
_NEEDED = ("click", "httpx2", "pydantic", "pyyaml")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at. `fix` is empty where it is well."""

    check: str
    ok: bool
    said: str
    fix: str = ""


@click.command(cls=Command)
@output()
@pass_talk
def command(talk: Talk) -> Exit:
    """Check the set-up; every line says pass or how to fix it. Exit code 1 when one fails."""
    lines = [*_machine(), *_project(), *_registry()]
    if talk.form == "json":
        talk.data([asdict(line) for line in lines])
    else:
        rows = [{**asdict(line), "result": "pass" if line.ok else "FAIL"} for line in lines]
        talk.table(rows, ("result", "check", "said", "fix"))
    failed = [line for line in lines if not line.ok]
    sentence = f"{len(lines) - len(failed)} of {len(lines)} are well"
    if failed:
        return talk.end(Exit.REFUSED, sentence, failed[0].fix)
    return talk.end(Exit.PASS, sentence, "treaty contracts list")


def _machine() -> Iterator[Line]:
    fits = sys.version_info[:2] >= _OLDEST
    yield Line("python", fits, platform.python_version(), "" if fits else "install Python 3.11")
    missing = [name for name in _NEEDED if not _installed(name)]
    said = f"misses {', '.join(missing)}" if missing else f"{len(_NEEDED)} packages present"
    yield Line("packages", not missing, said, "pip install treaty" if missing else "")
    git = shutil.which("git")
    yield Line("git", bool(git), git or "not found", "" if git else "install git")


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _project() -> Iterator[Line]:
    try:
        found = project.find(Path.cwd())
    except TreatyError as error:
        yield Line("treaty.yaml", False, error.problem.detail, "treaty init FILE --force")
        return
    if found is None:
        yield Line("treaty.yaml", True, "none here; `treaty init FILE` writes one")
        return
    there = found.path.is_file()
    said = found.contract if there else f"names {found.file}, which is not there"
    yield Line("treaty.yaml", there, said, "" if there else "treaty init FILE --force")


def _registry() -> Iterator[Line]:
    try:
        found = credentials.find(Path.cwd())
    except TreatyError as error:
        yield Line("credentials", False, error.problem.detail, "treaty login --url URL")
        return
    url = found.url if found else settings.url() or settings.DEFAULT_URL
    if found is None:
        yield Line("credentials", False, "none", f"treaty login --url {url}")
    else:
        yield _kept(found)
    try:
        with Client(url, timeout=5.0) as client:
            answer = client.get("/healthz")
    except TreatyError as error:
        yield Line("registry", False, error.problem.detail, "treaty up")
        return
    yield Line("registry", True, f"{url} answers")
    yield _clock(answer)
    if found is not None:
        yield _signed_in(found)


def _kept(found: credentials.Credentials) -> Line:
    path = Path(found.origin)
    if path.is_file() and not credentials.is_private(path):
        return Line("credentials", False, f"others may read {path}", f"chmod 600 {path}")
    return Line("credentials", True, f"{found.url} from {found.origin}")


def _clock(answer: Answer) -> Line:
    try:
        theirs = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (LookupError, ValueError):
        return Line("clock", True, "the registry states no time")
    skew = abs(time.time() - theirs)
    fits = skew <= _SKEW_SECONDS
    fix = "" if fits else "set the clock: tokens are refused when it is off"
    return Line("clock", fits, f"{skew:.0f} s apart", fix)


def _signed_in(found: credentials.Credentials) -> Line:
    try:
        with Client(found.url, found.token, timeout=5.0) as client:
            me = client.get("/v1/me").json()
    except TreatyError as error:
        return Line("signed in", False, error.problem.detail, f"treaty login --url {found.url}")
    return Line("signed in", True, f"{me.get('kind')} {me.get('name')} ({me.get('role')})")
