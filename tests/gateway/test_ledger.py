"""The ledger: complete when the registry comes back, bounded while it is away."""

import json

from gateway_world import response, until

from gateway.files import read_or_create
from gateway.ports import Counters
from gateway.spool import Spool
from policies.exchange import Limit

UP = lambda *_: response(200, b"{}", "Content-Type: application/json")  # noqa: E731  # an upstream


def test_entries_arrive(run):
    async def test(running):
        await running.call()
        await running.call(key="writer")
        await running.gateway.ledger.flush()
        good, bad = [entry for batch in running.registry.batches for entry in batch["entries"]]
        assert {name: good[name] for name in ("application", "contract", "version")} == {
            "application": "reader", "contract": "psa.projects", "version": "2.0.0",
        }  # fmt: skip
        assert (good["operation"], good["method"], good["status"]) == ("getProject", "GET", 200)
        assert good["decisions"] == []
        assert good["at"].endswith("Z")
        assert good["duration_ms"] > 0
        assert bad["status"] == 403
        assert bad["decisions"] == [
            {
                "kind": "require-scope",
                "outcome": "denied",
                "reason": "scope-missing",
                "policy": "baseline-scopes",
                "enforced": True,
            }
        ]

    run(UP, test)


def test_spools_while_away_and_resends_with_the_same_id(run, tmp_path):
    folder = tmp_path / "data" / "ledger"

    async def test(running):
        running.registry.away = True
        ledger = running.gateway.ledger
        for _ in range(3):
            await running.call()
            await ledger.flush()
        files = sorted(folder.iterdir())
        assert [len(json.loads(file.read_bytes())) for file in files] == [1, 2]
        ids = [file.stem.partition("-")[2] for file in files]
        running.registry.away = False
        ledger._retry_at = 0.0
        await ledger.flush()
        assert [batch["batch_id"] for batch in running.registry.batches] == ids
        assert list(folder.iterdir()) == []
        await running.call()
        await ledger.flush()
        assert sum(len(batch["entries"]) for batch in running.registry.batches) == 4

    run(UP, test)


def test_stopping_spools_what_is_left_and_starting_resends_it(run, tmp_path):
    async def first(running):
        await running.call()
        running.registry.away = True

    async def second(running):
        await until(lambda: running.registry.batches)
        assert len(running.registry.batches[0]["entries"]) == 1

    run(UP, first)
    assert len(list((tmp_path / "data" / "ledger").iterdir())) == 1
    run(UP, second)


def test_spool_is_bounded_and_counts_what_it_drops(tmp_path):
    spool = Spool(tmp_path, batch=2)
    dropped = sum(spool.add(f"b{number}", [{"n": number}], sent=True) for number in range(70))
    assert dropped == 6
    assert spool.oldest() == ("b6", [{"n": 6}])
    assert len(list(tmp_path.iterdir())) == 64


def test_spool_passes_over_a_spoilt_file(tmp_path):
    (tmp_path / "0-x.json").write_bytes(b"{")
    spool = Spool(tmp_path, batch=2)
    spool.add("y", [{}], sent=False)
    assert spool.oldest() == ("y", [{}])


def test_counters_are_bounded_and_keep_the_busy_ones():
    counters = Counters(size=10)
    for number in range(10):
        counters.take([Limit(f"idle-{number}", 10, 10, 10)], 0.0)
    assert not all(counters.take([Limit("busy", 2, 1000, 2)], 100.0)[0].allowed for _ in range(3))
    assert len(counters) == 1
    for number in range(100):
        counters.take([Limit(f"other-{number}", 10, 10, 10)], 100.0)
        assert len(counters) <= 10
    assert not counters.take([Limit("busy", 2, 1000, 2)], 100.0)[0].allowed


def test_key_file_is_made_once(tmp_path):
    path = tmp_path / "deep" / "key"
    assert read_or_create(path, lambda: b"one") == read_or_create(path, lambda: b"two") == b"one"
