"""One real gateway per test module, in front of a scripted raw upstream."""

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from gateway_world import FakeRegistry, RawServer, served, settings_of, until
from wire_upstream import Upstream

from contracts.formats import read
from gateway.app import Gateway
from gateway.ports import Shared
from policies.compile import compile as compiled
from policies.inputs import Deployed, Inputs
from policies.load import load
from policies.snapshot import (
    ApiKeyPlan,
    ApplicationPlan,
    GrantPlan,
    LimitPlan,
    UsagePlan,
)

CONTRACT = Path(__file__).with_name("wire_contract.yaml")
SMALL = b"""
policy: small
kind: size-limit
select: {operations: ["*Small"]}
spec: {request_bytes: 100, response_bytes: 100}
"""


def _deployed(name, url, **facts):
    text = CONTRACT.read_bytes()
    return Deployed(
        contract_id=name, version="1.0.0", contract=read(text, source=CONTRACT.name),
        state="published", upstream=url, **facts,
    )  # fmt: skip


def snapshot(url):
    """Return the things under /w, under /hasty with a tenth of a second, under /gone nowhere."""
    key = hashlib.sha256(b"key-probe").hexdigest()
    limit = LimitPlan(name="calls", quota=1_000_000, window_seconds=60)
    names = ("wire.things", "wire.hasty", "wire.gone")
    return compiled(
        Inputs(
            "demo",
            (
                _deployed(names[0], url, base_path="/w", timeout_seconds=5.0),
                _deployed(names[1], url, base_path="/hasty", timeout_seconds=0.1),
                _deployed(names[2], "http://127.0.0.1:1", base_path="/gone"),
            ),
            load(SMALL, source="wire.yaml"),
            applications=(ApplicationPlan(id="probe", name="probe", team="clients"),),
            api_keys=(ApiKeyPlan(digest=key, application="probe"),),
            plans=(UsagePlan(name="wide", limits=(limit,)),),
            grants=tuple(
                GrantPlan(application="probe", contract=name, plan="wide", scopes=())
                for name in names
            ),
        )
    )


@dataclass
class World:
    """What the cases of one module share; `faults` holds what escaped into the event loop."""

    runner: asyncio.Runner
    port: int
    upstream: Upstream
    faults: list


@contextlib.asynccontextmanager
async def _running(folder, patience):
    fake = FakeRegistry()
    async with Upstream() as upstream, RawServer(fake) as control:
        fake.snapshot = snapshot(upstream.url)
        settings = settings_of(folder, control.url).model_copy(update=patience)
        gateway = Gateway(settings, Shared(b"k" * 32))
        async with served(gateway) as port:
            await until(lambda: gateway.source.runtime is not None)
            yield upstream, port


@contextlib.contextmanager
def _world(folder, patience):
    with asyncio.Runner() as runner:
        faults = []
        runner.get_loop().set_exception_handler(lambda _, context: faults.append(context))
        stack = contextlib.AsyncExitStack()
        entering = stack.enter_async_context(_running(folder, patience))
        upstream, port = runner.run(_awaited(entering))
        yield World(runner, port, upstream, faults)
        runner.run(_awaited(stack.aclose()))


async def _awaited(awaitable):
    return await awaitable


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    """Return the world; its event loop runs while a case does."""
    with _world(tmp_path_factory.mktemp("wire"), {}) as world:
        yield world


@pytest.fixture(scope="module")
def hurried(tmp_path_factory):
    """Return a world whose gateway waits for clients a tenth of a second."""
    names = ("head_seconds", "body_seconds", "idle_seconds", "write_seconds")
    with _world(tmp_path_factory.mktemp("hurried"), dict.fromkeys(names, 0.1)) as world:
        yield world
