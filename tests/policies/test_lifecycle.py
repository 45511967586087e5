"""Dates of operations, dates that contradict a policy, and the law of brownout windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psa_world import PSA, compiled

from contracts import library
from contracts.errors import TreatyError
from contracts.formats import read
from policies.brownouts import Brownout, Schedule

BROWNOUT = b"""policy: going
kind: lifecycle
spec:
  brownouts: [{from: '2027-01-15T08:00:00Z', until: '2027-01-15T09:00:00Z'}]
"""


def with_operation(line):
    text = library.text(PSA).decode()
    assert text.count("operationId: getProject\n") == 1
    changed = text.replace(
        "operationId: getProject\n", f"operationId: getProject\n      {line}\n"
    ).encode()
    return read(changed, source="psa.yaml")


def rules(snapshot, name):
    operation = next(o for o in snapshot.contracts[0].operations if o.name == name)
    return [rule for rule in operation.rules if rule.kind == "lifecycle"]


@pytest.mark.parametrize(
    ("written", "epoch"),
    [
        ("2027-06-30", 1814313600),
        ("2027-06-30T12:00:00Z", 1814356800),
        ("2027-06-30T12:00:00+02:00", 1814349600),
        ("'2027-06-30T12:00:00'", 1814356800),
    ],
)
def test_the_sunset_of_one_operation(written, epoch):
    snapshot = compiled(contract=with_operation(f"x-sunset: {written}")).snapshot
    assert rules(snapshot, "getProject")[0].settings["sunset_at"] == epoch
    assert not rules(snapshot, "listProjects")


@pytest.mark.parametrize(
    "written",
    [
        "soon",
        "20270630",
        "2027-06-31",
        "30.06.2027",
        "2027-W10-1",
        "true",
        "[a]",
        "''",
        "0001-01-01",
    ],
)
def test_a_sunset_that_is_no_date_is_refused_with_both_places(written):
    with pytest.raises(TreatyError) as refused:
        compiled(contract=with_operation(f"x-sunset: {written}"))
    problem = refused.value.problem
    assert problem.type.slug == "invalid-contract"
    assert "baseline.yaml:" in problem.detail
    assert "psa.yaml:" in problem.detail
    policy, contract = problem.errors
    assert (policy.file, contract.file) == ("baseline.yaml", "psa.yaml")
    assert contract.pointer.endswith("/x-sunset")


@pytest.mark.parametrize(
    "dates",
    [
        {"state": "deprecated", "sunset_at": 1800000000},
        {"state": "deprecated", "deprecated_at": 1800000001},
        {"contract": with_operation("x-sunset: 2027-01-15")},
    ],
)
def test_a_brownout_that_cannot_happen_is_refused(dates):
    with pytest.raises(TreatyError) as refused:
        compiled(BROWNOUT, **dates)
    assert refused.value.problem.type.slug == "policy-conflict"
    assert "policies.yaml:1" in refused.value.problem.detail
    assert "psa.yaml:" in refused.value.problem.detail


def test_brownouts_hold_for_what_is_deprecated_only():
    snapshot = compiled(BROWNOUT, contract=with_operation("deprecated: true")).snapshot
    assert [rule.settings.get("part") for rule in rules(snapshot, "getProject")] == [
        None,
        "brownouts",
    ]
    assert not rules(snapshot, "listProjects")


WINDOW = st.tuples(
    st.integers(0, 500), st.integers(1, 300), st.integers(2, 60), st.integers(1, 60)
).map(lambda w: {"from": w[0], "until": w[0] + w[1], "every": w[2], "for": min(w[3], w[2] - 1)})


@given(st.lists(WINDOW, max_size=4), st.lists(st.integers(0, 900), max_size=20))
def test_a_schedule_says_what_its_seconds_say(windows, moments):
    closed = {
        second
        for w in windows
        for second in range(w["from"], w["until"])
        if (second - w["from"]) % w["every"] < w["for"]
    }
    schedule = Schedule(windows)
    for now in moments:
        window = schedule.window(now)
        assert (window is not None and window.starts <= now < window.ends) == (now in closed)
        later = [second for second in closed if second > now]
        if now not in closed:
            assert (window.starts if window else None) == min(later, default=None)


def test_a_window_without_turns_is_one_whole():
    window = Brownout.model_validate(
        {"from": "2027-01-15T08:00:00Z", "until": "2027-01-15T09:00:00Z"}
    )
    assert window.plain() == {
        "from": 1800000000, "until": 1800003600, "every": 3600, "for": 3600,
    }  # fmt: skip
