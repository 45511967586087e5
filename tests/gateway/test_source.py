"""Snapshots: swapped whole, refused when untrue, kept on disk for the day the registry is away."""

import stat

from gateway_world import FakeRegistry, response, snapshot, until

UP = lambda *_: response(200, b"{}", "Content-Type: application/json")  # noqa: E731  # an upstream


def test_swap_keeps_counters_and_unchanged_snapshots_are_not_sent_again(run):
    async def test(running):
        assert (await running.call()).status == 200
        first = running.gateway.source.runtime
        await until(lambda: running.registry.unchanged > 1)
        assert running.gateway.source.runtime is first
        running.registry.snapshot = snapshot(
            b"policy: more\nkind: lifecycle\nspec: {after_sunset: serve}\n",
            upstream=running.upstream.url, quota=1, state="deprecated",
        )  # fmt: skip
        await until(lambda: running.gateway.source.runtime is not first)
        reply = await running.call()
        assert reply.status == 429
        assert "deprecation" in reply.headers

    run(UP, test, quota=1)


def test_refused_snapshot_keeps_the_old_one_and_is_reported(run):
    async def test(running):
        source, registry = running.gateway.source, running.registry
        digest = source.digest
        await until(lambda: registry.heartbeats)
        assert registry.heartbeats[-1]["snapshot_digest"] == digest
        assert registry.heartbeats[-1]["refused"] is None
        registry.text = registry.snapshot.write().replace(b'"reader"', b'"raider"')
        await until(lambda: registry.heartbeats[-1]["refused"])
        beat = registry.heartbeats[-1]
        assert beat["snapshot_digest"] == digest
        assert beat["environment"] == "demo"
        assert beat["since"].endswith("Z")
        assert "digest" in beat["refused"]["reason"]
        assert (await running.call()).status == 200
        registry.text = None
        await until(lambda: registry.heartbeats[-1]["refused"] is None)

    run(UP, test)


def test_unknown_kind_and_other_environment_are_refused(run):
    async def test(running):
        source, registry = running.gateway.source, running.registry
        live, good = source.runtime, registry.snapshot
        plan = good.contracts[0]
        operation = plan.operations[0]
        rule = operation.rules[0].model_copy(update={"kind": "unheard-of"})
        odd = operation.model_copy(update={"rules": (rule,)})
        contract = plan.model_copy(update={"operations": (odd,)})
        for change in ({"contracts": (contract,)}, {"environment": "other"}):
            source.refused = None
            registry.snapshot = good.model_copy(update=change).sealed()
            await until(lambda: source.refused is not None)
            assert source.runtime is live

    run(UP, test)


def test_starts_from_the_last_good_file(run, tmp_path):
    async def first(running):
        file = tmp_path / "data" / "snapshot-demo.json"
        await until(file.exists)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    async def second(running):
        assert running.gateway.source.runtime is not None
        assert (await running.own("/-/ready")).status == 200
        shown = (await running.own("/-/snapshot")).json()
        assert shown["snapshot_digest"] == running.gateway.source.digest
        assert shown["contracts"][0]["base_path"] == "/psa/projects/v2"

    run(UP, first)
    run(UP, second, registry=FakeRegistry(away=True))


def test_a_spoilt_file_is_not_served(run, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "snapshot-demo.json").write_bytes(snapshot().write().replace(b"reader", b"raider"))

    async def test(running):
        assert running.gateway.source.runtime is None
        assert (await running.own("/-/ready")).status == 503

    run(UP, test, registry=FakeRegistry(away=True))


def test_what_is_not_json_is_refused_and_does_not_end_the_watch(run):
    async def test(running):
        source, registry = running.gateway.source, running.registry
        live, good = source.runtime, registry.snapshot.write()
        registry.text = good.replace(b'"timeout_seconds":', b'"timeout_seconds":NaN,"x":')
        assert registry.text != good
        await until(lambda: source.refused is not None)
        assert "not JSON" in source.refused["reason"]
        assert source.runtime is live
        registry.text = None
        await until(lambda: source.refused is None)

    run(UP, test)
