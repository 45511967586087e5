"""nginx twice: as a bare proxy, and with every policy in Lua."""

import json
from pathlib import Path
from string import Template

from benchmarks.gateway import world
from benchmarks.gateway.peers.peer import EVERYTHING, Peer, Setting
from benchmarks.gateway.processes import Running, free_port
from benchmarks.gateway.programs import Tree

_HERE = Path(__file__).parent


def bare(tree: Tree) -> Peer:
    """Return the floor: what proxying costs by itself."""
    return Peer("nginx, bare", frozenset(), lambda setting: _start(tree, setting, "nginx.conf"))


def with_lua(tree: Tree) -> Peer:
    """Return the native gateway that does the same work."""

    def start(setting: Setting) -> Running:
        (setting.folder / "facts.json").write_text(json.dumps(_facts(setting)))
        return _start(tree, setting, "nginx_lua.conf")

    return Peer("nginx + Lua", EVERYTHING, start)


def _start(tree: Tree, setting: Setting, template: str) -> Running:
    port = free_port()
    text = Template((_HERE / template).read_text()).substitute(
        workers=setting.workers, folder=setting.folder, upstream=setting.upstream_port, port=port,
        base=world.BASE_PATH, modules=tree.modules, lua=tree.lua, libraries=tree.libraries,
        here=_HERE, account=tree.account,
    )  # fmt: skip
    configuration = setting.folder / "nginx.conf"
    configuration.write_text(text)
    return Running(
        [str(tree.nginx), "-p", str(setting.folder), "-c", str(configuration)],
        port=port, cores=setting.cores, environment=tree.environment,
        log=setting.folder / "nginx.log",
    )  # fmt: skip


def _facts(setting: Setting) -> dict[str, object]:
    def plan(quota: int, window: int) -> dict[str, object]:
        return {"quota": quota, "window": window, "header": f'"calls";q={quota};w={window}'}

    return {
        "pem": setting.keys.pem(), "kid": world.KEY_ID, "issuer": world.ISSUER,
        "audience": world.AUDIENCE, "scope": world.SCOPE,
        "plans": {
            world.CALLER: plan(world.QUOTA, world.WINDOW_SECONDS),
            world.LIMITED_CALLER: plan(world.LIMITED_QUOTA, world.LIMITED_WINDOW_SECONDS),
        },
        "deprecation": f"@{world.DEPRECATED_AT}", "sunset": world.SUNSET_DATE,
    }  # fmt: skip
