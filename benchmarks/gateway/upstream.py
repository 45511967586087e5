"""The upstream behind every gateway: nginx with two files, or a small asyncio protocol.

Run by itself as `python -m benchmarks.gateway.upstream PORT` where there is no nginx.
"""

import asyncio
import sys
from pathlib import Path

from benchmarks.gateway import world
from benchmarks.gateway.processes import Running, free_port
from benchmarks.gateway.programs import ROOT, Tree

_NGINX = """
daemon off; {account} worker_processes 1; pid {folder}/upstream.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; etag off; max_ranges 0; open_file_cache max=10;
  types {{ application/json json; }}
  client_body_temp_path {folder}/u1; proxy_temp_path {folder}/u2; fastcgi_temp_path {folder}/u3;
  uwsgi_temp_path {folder}/u4; scgi_temp_path {folder}/u5;
  server {{
    listen 127.0.0.1:{port};
    location / {{ root {folder}; try_files /small.json =404; }}
    location /exports/ {{ root {folder}; try_files /large.json =404; }}
  }}
}}
"""


def start(tree: Tree | None, folder: Path, cores: frozenset[int]) -> Running:
    """Return the upstream, listening."""
    port = free_port()
    (folder / "small.json").write_bytes(world.small_body())
    (folder / "large.json").write_bytes(world.large_body())
    if tree is None:
        command = [sys.executable, "-m", "benchmarks.gateway.upstream", str(port)]
        environment = {"PYTHONPATH": str(ROOT)}
    else:
        configuration = folder / "upstream.conf"
        configuration.write_text(_NGINX.format(folder=folder, port=port, account=tree.account))
        command = [str(tree.nginx), "-p", str(folder), "-c", str(configuration)]
        environment = tree.environment
    log = folder / "upstream.log"
    running = Running(command, port=port, cores=cores, environment=environment, log=log)
    running.wait_until_up()
    return running


class Answering(asyncio.Protocol):
    """Answers every GET at once."""

    def __init__(self, small: bytes, large: bytes) -> None:
        self._small, self._large = small, large
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream transport is needed")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for head in heads:
            body = self._large if head.startswith(b"GET /exports/") else self._small
            self._transport.write(body)


def _answer(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


async def _serve(port: int) -> None:
    small, large = _answer(world.small_body()), _answer(world.large_body())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(small, large), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
