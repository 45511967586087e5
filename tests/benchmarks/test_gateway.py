"""The pure parts of the gateway bench: a wrong percentile would be believed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.gateway import world
from benchmarks.gateway.figures import Figures, combined, percentile, ratio
from benchmarks.gateway.loader import complete
from benchmarks.gateway.processes import Stat, descendants, parse_rss, parse_stat
from benchmarks.gateway.report import Section, as_json, render, table

STAT = "42 (nginx: (worker) 1) S 7 42 42 0 -1 4194624 900 0 0 0 150 50 0 0 20 0 1 0 81 11 22"


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1), (0.991, 100)]
)
def test_percentiles_take_the_nearest_rank(share, expected):
    assert percentile(range(1, 101), share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.001, 1.0))
def test_a_percentile_is_the_smallest_value_that_covers_its_share(values, share):
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-9
    assert sum(value < found for value in ordered) < share * len(ordered) + 1e-9


def test_the_name_of_a_process_may_hold_brackets_and_spaces():
    assert parse_stat(STAT) == Stat(parent=7, ticks=200)


@pytest.mark.parametrize(
    ("text", "kilobytes"),
    [("Name:\tnginx\nVmRSS:\t   11304 kB\nThreads:\t1\n", 11304), ("Name:\tkworker\n", 0)],
)
def test_resident_memory_is_read_from_the_status(text, kilobytes):
    assert parse_rss(text) == kilobytes


def test_a_process_counts_with_everything_below_it():
    parents = {1: 0, 10: 1, 11: 10, 12: 11, 20: 1, 12345: 20}
    assert descendants(10, parents) == {10, 11, 12}


def test_one_disturbed_run_does_not_count():
    runs = [Figures(100, 30, 1, 2, 50), Figures(10, 900, 9, 99, 51), Figures(98, 31, 1.1, 2.2, 52)]
    assert combined(runs) == Figures(98, 31, 1.1, 2.2, 51, 0)


def test_nothing_to_divide_by_is_no_number():
    assert ratio(3, 2) == 1.5
    assert math.isnan(ratio(3, 0))


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", False),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n0\r\n\r\n", False),
    ],
)
def test_the_loader_knows_when_an_answer_is_whole(answer, whole):
    assert complete(answer) is whole


def test_the_body_under_load_is_about_as_large_as_it_says():
    assert 800 < len(world.small_body()) < 1000
    assert 90_000 < len(world.large_body()) < 110_000
    assert all(secret in world.small_body() for secret in world.SECRETS)


def test_a_table_stands_in_columns():
    assert table(("a", "rps"), (("nginx", "9"), ("x", "10000"))).splitlines() == [
        "a        rps",
        "-----  -----",
        "nginx      9",
        "x      10000",
    ]


def test_the_report_says_what_the_subject_costs_of_each_peer():
    rows = {"nginx": Figures(1000, 40, 1, 4, 20), "Treaty": Figures(900, 30, 1, 6, 60)}
    section = Section("All policies", "Treaty", rows, ["Envoy is absent"])
    text = render(section)
    assert text.splitlines()[0] == "All policies"
    assert text.splitlines()[3].split()[-4:] == ["0.75", "x", "1.50", "x"]
    assert text.splitlines()[-1] == "  Envoy is absent"
    assert as_json([section], {"cores": 2}) == {
        "cores": 2,
        "sections": [
            {
                "title": "All policies",
                "subject": "Treaty",
                "notes": ["Envoy is absent"],
                "rows": {name: vars(figures) for name, figures in rows.items()},
            }
        ],
    }


def test_a_section_without_rows_says_so():
    assert "nothing was measured" in render(Section("Redis", "Treaty"))
