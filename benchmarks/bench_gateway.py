"""The gateway with every policy, beside a bare ASGI proxy on the same libraries in the same run.

One process each, one upstream, 32 connections, a 0.9 kB JSON body. CPU is that of the proxy.
"""

import asyncio
import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent), str(ROOT / "tests" / "support")]

from measure import cpu_seconds, save  # noqa: E402  # after the path is set
from psa_world import deployed  # noqa: E402

from policies.compile import compile as compile_snapshot  # noqa: E402
from policies.inputs import Inputs  # noqa: E402
from policies.snapshot import ApiKeyPlan, ApplicationPlan, GrantPlan, LimitPlan, UsagePlan  # noqa: E402

CALLS, CONNECTIONS, WARM_UP = 6_000, 32, 500
KEY = "trk_benchmark"
BODY = json.dumps(
    {"project_id": "PRJ-0001", "name": "n" * 600, "budget_cost": "10.00", "margin_percent": "1.0",
     "project_manager": {"name": "Delivery Lead", "email": "lead@example.com"}}
).encode()  # fmt: skip

BARE = """
import sys, aiohttp, uvicorn
session = None
async def app(scope, receive, send):
    global session
    if scope["type"] != "http":
        return
    session = session or aiohttp.ClientSession(auto_decompress=False)
    async with session.get(sys.argv[1] + scope["path"]) as answer:
        body = await answer.read()
    await send({"type": "http.response.start", "status": answer.status,
                "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False, lifespan="off")
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def upstream(reader, writer):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
        BODY
    )
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(head + BODY)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        writer.close()


def write_snapshot(folder, port):
    limit = LimitPlan(name="calls", quota=1_000_000, window_seconds=1)
    inputs = Inputs(
        "bench",
        (deployed(upstream=f"http://127.0.0.1:{port}"),),
        applications=(ApplicationPlan(id="bench", name="bench", team="bench"),),
        api_keys=(
            ApiKeyPlan(digest=hashlib.sha256(KEY.encode()).hexdigest(), application="bench"),
        ),
        plans=(UsagePlan(name="plan", limits=(limit,)),),
        grants=(
            GrantPlan(
                application="bench", contract="psa.projects", plan="plan", scopes=("projects.read",)
            ),
        ),
    )
    (folder / "snapshot-bench.json").write_bytes(compile_snapshot(inputs).write())
    (folder / "token").write_text("none")


async def load(url, headers, pid):
    latencies = []
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def worker(count):
            for _ in range(count):
                started = time.perf_counter()
                async with session.get(url) as answer:
                    body = await answer.read()
                    assert answer.status == 200, body
                latencies.append(time.perf_counter() - started)
            return body

        await asyncio.gather(*(worker(WARM_UP // CONNECTIONS) for _ in range(CONNECTIONS)))
        latencies.clear()
        cpu, started = cpu_seconds(pid), time.perf_counter()
        bodies = await asyncio.gather(*(worker(CALLS // CONNECTIONS) for _ in range(CONNECTIONS)))
        elapsed, used = time.perf_counter() - started, cpu_seconds(pid) - cpu
    ordered = sorted(latencies)
    return bodies[0], {
        "rps": round(len(ordered) / elapsed),
        "cpu_us_per_call": round(used / len(ordered) * 1e6),
        "p50_ms": round(statistics.median(ordered) * 1000, 2),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
    }


async def until_up(url, headers):
    async with aiohttp.ClientSession(headers=headers) as session:
        for _ in range(200):
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise SystemExit(f"{url} did not come up")


async def measure(command, url, headers):
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        await until_up(url, headers)
        return await load(url, headers, process.pid)
    finally:
        process.terminate()
        process.wait(10)


async def main():
    back, bare, front = free_port(), free_port(), free_port()
    server = await asyncio.start_server(upstream, "127.0.0.1", back)
    path = "/projects/PRJ-0001"
    with tempfile.TemporaryDirectory() as name:
        write_snapshot(Path(name), back)
        _, plain = await measure(
            [sys.executable, "-c", BARE, f"http://127.0.0.1:{back}", str(bare)],
            f"http://127.0.0.1:{bare}{path}", {},
        )  # fmt: skip
        body, governed = await measure(
            [sys.executable, "-m", "gateway", "--port", str(front), "--environment", "bench",
             "--registry", "http://127.0.0.1:9", "--token-file", f"{name}/token", "--data-dir", name],
            f"http://127.0.0.1:{front}/psa/projects/v2{path}", {"X-Api-Key": KEY},
        )  # fmt: skip
    server.close()
    assert b"lead@" not in body, "the mask did not mask"
    ratio = round(governed["cpu_us_per_call"] / plain["cpu_us_per_call"], 2)
    save("gateway", [
        {"proxy": "bare ASGI + aiohttp, no policy", **plain},
        {"proxy": "gateway, all policies", **governed, "cpu_vs_bare": ratio},
    ])  # fmt: skip


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(ROOT)
    asyncio.run(main())
