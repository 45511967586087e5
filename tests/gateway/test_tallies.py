"""Calendar quotas outlive the process; what was written is hostile until it is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ports import Counters
from gateway.tallies import Tallies, TallyFile
from policies.exchange import Limit

NOW = 1_000.0


def limit(key="m", quota=3, cost=1, until=2_000.0):
    return Limit(key, quota, 86_400, quota, cost, "local", until)


def test_a_restart_keeps_what_is_used(tmp_path):
    first, said = Counters(), []
    for _ in range(2):
        first.take([limit()], NOW)
    assert TallyFile(tmp_path / "q.json", first.tallies).save()
    assert not TallyFile(tmp_path / "q.json", first.tallies).save(), "nothing has changed since"
    second = Counters()
    TallyFile(tmp_path / "q.json", second.tallies).load(NOW, said.append)
    assert [second.take([limit()], NOW)[0].allowed for _ in range(2)] == [True, False]
    assert not said


def test_a_period_that_has_ended_counts_no_more(tmp_path):
    counters = Counters()
    for _ in range(3):
        counters.take([limit()], NOW)
    assert counters.take([limit(until=3_000.0)], 2_000.0)[0].remaining == 2
    TallyFile(tmp_path / "q.json", counters.tallies).save()
    later = Counters()
    TallyFile(tmp_path / "q.json", later.tallies).load(3_000.0, pytest.fail)
    assert later.take([limit(until=4_000.0)], 3_000.0)[0].remaining == 2


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[1]", b'[["a"]]', b'[["a", "b", 9]]', b'[["a", 1, NaN]]', b"[" * 9_999]
)
def test_what_cannot_be_read_is_said(tmp_path, text):
    (tmp_path / "q.json").write_bytes(text)
    said = []
    TallyFile(tmp_path / "q.json", Tallies(10)).load(NOW, said.append)
    assert len(said) == 1
    assert "begin anew" in said[0]


def test_a_rate_and_a_quota_hold_together():
    counters = Counters()
    rate = Limit("r", 100, 60, 100)
    taken = [counters.take([rate, limit()], NOW) for _ in range(5)]
    assert [states[1].allowed for states in taken] == [True, True, True, False, False]
    assert counters.take([rate], NOW)[0].remaining == 96, "a refused call takes nothing"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), max_size=300))
def test_never_more_than_the_quota_while_there_is_room(calls):
    counters, used = Counters(size=50), {}
    for key, cost in calls:
        if counters.take([limit(str(key), quota=5, cost=cost)], NOW)[0].allowed:
            used[key] = used.get(key, 0) + cost
    assert all(count <= 5 for count in used.values())


def test_memory_is_bounded():
    tallies = Tallies(100)
    for n in range(1_000):
        tallies.set(limit(str(n)), 1, NOW)
    assert len(tallies.text().split(b"], [")) <= 100
