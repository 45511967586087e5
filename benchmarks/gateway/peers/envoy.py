"""Envoy with its own filters for token, scope, limit and headers; it has no mask."""

import json
from pathlib import Path
from string import Template

from benchmarks.gateway import world
from benchmarks.gateway.peers.peer import EVERYTHING, MASK, Peer, Setting
from benchmarks.gateway.processes import Running, free_port

_TEMPLATE = Path(__file__).parent / "envoy.yaml"


def peer(program: Path) -> Peer:
    """Return Envoy as PyPI's wheel brings it."""
    return Peer("Envoy, no mask", EVERYTHING - {MASK}, lambda setting: _start(program, setting))


def _start(program: Path, setting: Setting) -> Running:
    port = free_port()
    text = Template(_TEMPLATE.read_text()).substitute(
        port=port, upstream=setting.upstream_port, base=world.BASE_PATH, issuer=world.ISSUER,
        audience=world.AUDIENCE, jwks=json.dumps(setting.keys.jwks()), caller=world.CALLER,
        limited_caller=world.LIMITED_CALLER, quota=world.QUOTA, window=f"{world.WINDOW_SECONDS}s",
        limited_quota=world.LIMITED_QUOTA, limited_window=f"{world.LIMITED_WINDOW_SECONDS}s",
        deprecated_at=world.DEPRECATED_AT, sunset=world.SUNSET_DATE,
    )  # fmt: skip
    configuration = setting.folder / "envoy.yaml"
    configuration.write_text(text)
    return Running(
        [str(program), "-c", str(configuration), "--concurrency", str(setting.workers),
         "--disable-hot-restart", "--log-level", "error"],
        port=port, cores=setting.cores, environment={}, log=setting.folder / "envoy.log",
    )  # fmt: skip
