"""A canary through a real gateway: who is led there, who stays, and what the ledger says."""

from gateway_world import FakeRegistry, until
from routing_world import ask, on_one_path, upstream, world


def serve(run, test, known, **canary):
    async def started(running):
        facts = {"canary": {"upstream": f"{running.upstream.url}/canary", **canary}}
        deployments = on_one_path(running.upstream.url, {"1.0.0": facts})
        running.registry.snapshot = world(deployments, applications=known)
        await until(lambda: running.gateway.source.runtime is not None)
        await test(running)

    run(upstream, started, registry=FakeRegistry())


async def led(running, key):
    return (await ask(running, key=key)).json()["version"]


def test_by_name_and_in_the_ledger(run):
    async def test(running):
        assert await led(running, "reader") == "canary"
        assert await led(running, "writer") == "1.0.0"
        await running.gateway.ledger.flush()
        entries = [entry for batch in running.registry.batches for entry in batch["entries"]]
        said = {
            entry["application"]: [d["reason"] for d in entry["decisions"] if d["kind"] == "canary"]
            for entry in entries
        }
        assert said == {"reader": ["canary"], "writer": ["stable"]}

    serve(run, test, ("reader", "writer"), applications=["reader"])


def test_a_share_of_the_applications_and_each_stays_where_it_is(run):
    names = tuple(f"app-{number}" for number in range(24))

    async def test(running):
        first = {name: await led(running, name) for name in names}
        assert {name: await led(running, name) for name in names} == first
        assert set(first.values()) == {"1.0.0", "canary"}

    serve(run, test, names, weight=50)


def test_a_link_of_the_canary_leads_back_to_the_gateway(run):
    async def test(running):
        target = running.gateway.source.runtime.routes.find("GET", b"/orders/orders").target
        assert target.lead is not None
        assert await led(running, "reader") == "canary"
        request = running.upstream.requests[-1]
        assert request.line == "GET /canary/orders HTTP/1.1"
        assert request.headers["host"] == f"127.0.0.1:{running.upstream.port}"

    serve(run, test, ("reader",), weight=100)
