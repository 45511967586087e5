"""Installs Tryton into `.cache/tryton` and makes a database of it, once: an ERP that nobody here wrote.

Its licence is the GPL: it runs as a process of its own, in an environment of its own, reached over
HTTP, and is nothing that Treaty needs. The tests copy the database and start the server themselves.
"""

import os
import subprocess
import sys
from pathlib import Path

SERVER = "8.2.1"
MODULES = {
    "account-invoice": "8.2.0", "company": "8.2.0", "party": "8.2.0", "project-invoice": "8.2.0",
    "timesheet": "8.2.0", "timesheet-cost": "8.2.0",
}  # fmt: skip
HOME = Path(__file__).resolve().parent.parent / ".cache" / "tryton" / SERVER
BIN = HOME / "venv" / "bin"
NAME = "firm"
TEMPLATE = HOME / "template" / f"{NAME}.sqlite"
PASSWORD = "a password of tests"  # noqa: S105  # the database holds nothing but what tests make up
_SECONDS = 300


def config(folder: Path, port: int = 0) -> str:
    """Return the server's configuration for a database in `folder`."""
    return (
        f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n"
        "[cache]\ntransactional = False\n"
    )


def main() -> int:
    """Install it once; later calls find it. With CI=true a machine without it is a failure."""
    if TEMPLATE.exists():
        return 0
    print("Installing Tryton for the tests, once ...", file=sys.stderr, flush=True)
    try:
        _install()
        _initialise()
    except (subprocess.SubprocessError, OSError) as error:
        print(f"Tryton cannot be installed: {error}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0  # noqa: TID251  # a test launcher is a settings reader
    return 0


def _install() -> None:
    if not (BIN / "trytond").exists():
        subprocess.run([sys.executable, "-m", "venv", HOME / "venv"], check=True, timeout=_SECONDS)
        wanted = [f"trytond=={SERVER}", *(f"trytond-{m}=={v}" for m, v in MODULES.items())]
        subprocess.run(
            [BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
            check=True, timeout=_SECONDS,
        )  # fmt: skip


def _initialise() -> None:
    draft = HOME / "draft"
    draft.mkdir(exist_ok=True)
    (draft / "conf").write_text(config(draft))
    (draft / "password").write_text(PASSWORD)
    database = draft / f"{NAME}.sqlite"
    database.unlink(missing_ok=True)
    database.touch()  # the server only fills what is there
    modules = [module.replace("-", "_") for module in MODULES]
    subprocess.run(
        [BIN / "trytond-admin", "-c", draft / "conf", "-d", NAME, "-u", *modules,
         "--activate-dependencies", "--email", "admin@example.com", "--administrator"],
        check=True, timeout=_SECONDS, env=os.environ | {"TRYTONPASSFILE": str(draft / "password")},  # noqa: TID251  # the server's own switch
    )  # fmt: skip
    TEMPLATE.parent.mkdir(exist_ok=True)
    database.replace(TEMPLATE)


if __name__ == "__main__":
    sys.exit(main())
