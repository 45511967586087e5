"""Installs npm's Spectral into `.cache/spectral`, where Node is at hand; the linter's peer in tests.

Never fails: without Node or a package registry the differential tests are simply not there.
"""

import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "6.16.3"
HOME = Path(__file__).resolve().parent.parent / ".cache" / "spectral"
COMMAND = HOME / "node_modules" / ".bin" / "spectral"
_SECONDS = 300


def main() -> int:
    """Install it once; later calls find it."""
    marker = HOME / f"installed-{VERSION}"
    if marker.exists():
        return 0
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        print("Node is not at hand: the linter is not compared with Spectral.", file=sys.stderr)
        return 0
    HOME.mkdir(parents=True, exist_ok=True)
    (HOME / "package.json").write_text('{"private": true}\n')
    package = f"@stoplight/spectral-cli@{VERSION}"
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        subprocess.run([npm, "install", *options, package], cwd=HOME, check=True, timeout=_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"Spectral cannot be installed, so nothing is compared: {error}", file=sys.stderr)
        return 0
    marker.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
