"""Make sure that a Redis or Valkey server is there for the tests: `python deploy/redis_server.py`.

The tests start it themselves on free ports. Installs it with apt where we are root; with CI=true a
machine without one is a failure.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("valkey-server", "redis-server")


def binary() -> str | None:
    """Return the path of a server program."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> str | None:
    """Install Redis with apt where we are root; return its path, or None."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("Installing Redis for the tests ...", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251  # apt's own switch
    for command in (["update", "-qq"], ["install", "-y", "-qq", "redis-server"]):
        done = subprocess.run(
            ["apt-get", *command], stdout=sys.stderr, env=environment, check=False
        )
        if done.returncode:
            return None
    return binary()


def main() -> int:
    """Return 0 where there is a server, or where the tests may do without."""
    if binary() or install():
        return 0
    print("No Redis or Valkey: shared counters are tested in memory only.", file=sys.stderr)
    ci = os.environ.get("CI") == "true"  # noqa: TID251  # a test launcher is a settings reader
    return 1 if ci else 0


if __name__ == "__main__":
    sys.exit(main())
