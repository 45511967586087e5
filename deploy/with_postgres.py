"""Run a command beside a throw-away PostgreSQL: `python deploy/with_postgres.py -- COMMAND`.

The server listens on a Unix socket in a temporary folder and is gone when the command ends. Its
URL reaches the command as TREATY_TEST_POSTGRES_URL. Without a server (none installed, and none
to be had), the command runs on SQLite alone and this says so; with CI=true that is a failure.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

URL = "TREATY_TEST_POSTGRES_URL"
# Durability is tested elsewhere; a test database may forget everything on power loss.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


def find_binaries() -> Path | None:
    """Return the folder that holds `initdb` and `pg_ctl`, the newest one if there are several."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.is_dir()]
    return max(installed, key=lambda folder: float(folder.parent.name), default=None)


def install() -> Path | None:
    """Install PostgreSQL with apt where we are root; return its folder, or None."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("Installing PostgreSQL for the tests ...", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251  # apt's own switch
    for command in (["update", "-qq"], ["install", "-y", "-qq", "postgresql"]):
        done = subprocess.run(
            ["apt-get", *command], stdout=sys.stderr, env=environment, check=False
        )
        if done.returncode:
            return None
    return find_binaries()


def account() -> str | None:
    """Return whom to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Yield the SQLAlchemy URL of a fresh server; stop and remove it afterwards."""
    user = account()
    folder = Path(tempfile.mkdtemp(prefix="treaty-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        subprocess.run(
            command, user=user, cwd=folder, stdout=subprocess.DEVNULL, check=True, extra_groups=[]
        ) if user else subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

    data, control = folder / "data", str(binaries / "pg_ctl")
    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "treaty", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} {FAST}"
        run(control, "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://treaty@/postgres?host={folder}"
        finally:
            run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run `command` and return its exit code."""
    # A terminated test run must still stop its server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    binaries = find_binaries() or install()
    if binaries is None:
        print(
            "PostgreSQL is not installed and cannot be: the store-backed tests run on SQLite only.\n"
            "To run them all: sudo apt install postgresql, or put initdb on the PATH.",
            file=sys.stderr,
        )
        if os.environ.get("CI") == "true":  # noqa: TID251  # a test launcher is a settings reader
            return 1
        return subprocess.run(command, check=False).returncode
    with server(binaries) as url:
        environment = os.environ | {URL: url}  # noqa: TID251  # handed on to the command
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(arguments[1:] if arguments[:1] == ["--"] else arguments))
