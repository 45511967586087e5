"""Calendar periods: every moment is in one of them, and they follow each other without a gap."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.periods import Clock, period_at, zone

KINDS = st.sampled_from(["hour", "day", "week", "month"])
ZONES = st.sampled_from(
    ["UTC", "Europe/Vienna", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
TIMES = st.floats(min_value=1_700_000_000, max_value=2_000_000_000)


@given(KINDS, ZONES, TIMES)
def test_a_moment_is_in_its_period_and_the_next_begins_where_it_ends(kind, name, now):
    where = zone(name)
    period = period_at(now, kind, where)
    following = period_at(period.until, kind, where)
    assert period.until > now
    assert following.name != period.name
    assert period_at(period.until - 0.001, kind, where) == period


@given(KINDS, ZONES, TIMES, TIMES)
def test_a_clock_says_what_is_worked_out(kind, name, one, other):
    clock = Clock(kind, name)
    for now in (one, other, one):
        assert clock.at(now) == period_at(now, kind, zone(name))


@pytest.mark.parametrize(
    ("kind", "at", "name", "until"),
    [
        ("day", "2026-10-25T00:30+02:00", "2026-10-25", "2026-10-26T00:00+01:00"),
        ("week", "2027-01-03T12:00+01:00", "2026-W53", "2027-01-04T00:00+01:00"),
        ("month", "2026-12-31T23:59+01:00", "2026-12", "2027-01-01T00:00+01:00"),
        ("hour", "2026-10-25T02:30+01:00", "2026-10-25T01Z", "2026-10-25T03:00+01:00"),
    ],
)
def test_boundaries_follow_the_wall_clock(kind, at, name, until):
    period = period_at(datetime.fromisoformat(at).timestamp(), kind, zone("Europe/Vienna"))
    assert period.name == name
    assert period.until == datetime.fromisoformat(until).timestamp()


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime"])
def test_a_zone_that_is_none(name):
    with pytest.raises(ValueError, match="not a time zone"):
        zone(name)
