"""Used proofs on disk: one answer for all workers, over restarts and crashes."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psa_world import NOW

from gateway.replayfiles import ReplayFiles
from gateway.replays import Replays


def worker(folder, **facts):
    return ReplayFiles(folder / "proofs", Replays(**facts))


def digest(number):
    return number.to_bytes(16, "big")


def test_a_proof_counts_once_among_workers(tmp_path):
    workers = [worker(tmp_path) for _ in range(3)]
    for number in range(9):
        taken = [
            each.first(digest(number), NOW + 60, NOW) for each in workers[number % 3 :] + workers
        ]
        assert taken[0]
        assert not any(taken[1:])


def test_workers_at_once(tmp_path):
    workers = [worker(tmp_path) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda own: [own.first(digest(n), NOW + 60, NOW) for n in range(300)], workers)
        )
    assert all(sum(pair) == 1 for pair in zip(*answers, strict=True))


def test_a_restart_forgets_nothing(tmp_path):
    for number in range(5):
        assert worker(tmp_path).first(digest(number), NOW + 250, NOW + number * 40)
    last = worker(tmp_path)
    assert not any(last.first(digest(number), NOW + 250, NOW + 200) for number in range(5))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 90)), max_size=40))
def test_as_one_store_would_answer(tmp_path_factory, events):
    folder, now, until = tmp_path_factory.mktemp("proofs"), NOW, {}
    workers = [worker(folder), worker(folder)]
    for number, which, step in events:
        now += step
        new = workers[which].first(digest(number), now + 60, now)
        assert not (new and until.get(number, 0) >= now)
        if new:
            until[number] = now + 60


def test_old_files_go(tmp_path):
    own = worker(tmp_path)
    for minute in range(60):
        own.first(digest(minute), NOW + minute * 60 + 60, NOW + minute * 60)
    assert len(list((tmp_path / "proofs").glob("*.log"))) <= 5
    left = set((tmp_path / "proofs").glob("*.log"))
    assert worker(tmp_path).first(digest(1), NOW + 90_000, NOW + 90_000)
    assert not left & set((tmp_path / "proofs").glob("*.log"))


def test_half_a_record_is_none(tmp_path):
    assert worker(tmp_path).first(digest(1), NOW + 60, NOW)
    (file,) = [each for each in (tmp_path / "proofs").glob("*.log") if each.stat().st_size]
    with file.open("ab") as log:
        log.write(b"torn")
    assert not worker(tmp_path).first(digest(1), NOW + 60, NOW)
    assert worker(tmp_path).first(digest(2), NOW + 60, NOW)
    last = worker(tmp_path)
    assert not last.first(digest(2), NOW + 60, NOW)
    assert file.stat().st_size == 48
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_lock_that_is_held_lets_no_proof_count(tmp_path):
    import fcntl

    own = worker(tmp_path)
    assert own.first(digest(1), NOW + 60, NOW)
    descriptor = os.open(tmp_path / "proofs" / "lock", os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(BlockingIOError):
        own.first(digest(2), NOW + 60, NOW)
    os.close(descriptor)
    assert own.first(digest(2), NOW + 60, NOW)
