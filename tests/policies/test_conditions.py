"""Laws of conditions: a policy and the one behind it never both step back."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psa_world import NOW, compiled, deployed

from contracts.errors import TreatyError
from policies.conditions import expression
from policies.conditions.building import build
from policies.conditions.hours import read_hours, within
from policies.conditions.matching import make
from policies.conditions.reading import read
from policies.conditions.standing import standing
from policies.explain import explain
from policies.kinds import KINDS
from policies.load import load

SCALARS = st.one_of(st.text(max_size=4), st.integers(-3, 3), st.booleans())
VALUES = st.one_of(
    st.none(), SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(), SCALARS)
)


@given(st.lists(SCALARS, min_size=1, max_size=4), VALUES)
def test_a_test_and_its_negation_share_every_value_out(known, value):
    test = {"in": known}
    assert make(test, typed=True)(value) is not make({"not": test}, typed=True)(value)


def test_true_is_not_one():
    assert not make({"in": [1]}, typed=True)(True)
    assert not make({"min": 1}, typed=True)("5")
    assert make({"min": 1}, typed=False)("5")


@given(st.floats(0, 4e9), st.integers(0, 1439), st.integers(0, 1439))
def test_a_window_and_its_complement_share_the_day_out(now, start, end):
    if start != end:
        one = within({"from": start, "to": end})
        assert one(now) is not within({"from": end, "to": start})(now)


@pytest.mark.parametrize(
    ("hours", "now", "inside"),
    [
        ({"days": ["thu"]}, 0, True),
        ({"days": ["fri"]}, 0, False),
        ({"from": "08:00", "to": "18:00"}, 8 * 3600, True),
        ({"from": "08:00", "to": "18:00"}, 18 * 3600, False),
        ({"from": "22:00", "to": "06:00"}, 3600, True),
        ({"after": "1970-01-01T01:00:00Z"}, 3599, False),
    ],
)
def test_windows(hours, now, inside):
    assert within(read_hours(hours))(now) is inside


def test_the_time_is_asked_once_per_call(world):
    clock = itertools.count(NOW - 1)
    guard = build(read({"time": {"before": "2027-01-15T08:00:00Z"}}), lambda: next(clock))
    exchange = world().exchange("getProject", {})
    assert [guard(exchange) for _ in range(3)] == [True] * 3
    assert next(clock) == NOW


def test_an_expression_that_runs_away_is_stopped(world):
    text = "($f := function($n){$f($n + 1)}; $f(1)) = 1"
    guard = build(read({"expression": text}), lambda: NOW)
    with pytest.raises(ValueError, match=r"D10|depth|U1001"):
        guard(world().exchange("getProject", {}))


@pytest.mark.parametrize(
    "text",
    [
        "claim.region = 'eu'",
        "claim.roles[name = 'x'].level > 1",
        "$count(scopes) > 0 and `method` = 'GET'",
    ],
)
def test_known_names_pass(text):
    assert expression.checked(text) == text


def test_an_expression_built_in_a_thread_serves_in_another():
    with ThreadPoolExecutor(1) as pool:
        guard = pool.submit(expression.build, "method = 'GET'").result()
    assert guard({"method": "GET"})


def test_a_guarded_kind_needs_one_behind_it():
    policies = load(b"policy: a\nkind: mask\nwhen: {method: GET}", source="p.yaml")
    operation = deployed().contract.operations[0]
    with pytest.raises(TreatyError, match="let through"):
        standing(KINDS["mask"], policies, list, operation)


def test_the_masks_share_the_calls_out():
    text = b"policy: a\nkind: mask\nselect: {operations: [getProject]}\nwhen: {claim.region: eu}"
    operations = compiled(text).snapshot.contracts[0].operations
    plan = next(one for one in operations if one.name == "getProject")
    masks = {r.source.policy: r.when for r in plan.rules if r.kind == "mask"}
    region = {"subject": "claim", "name": "region", "test": {"in": ["eu"]}}
    assert masks == {"a": region, "baseline-mask": {"not": {"any": [region]}}}


@pytest.mark.parametrize(
    ("channel", "condition", "decision"),
    [("batch", "matched", "refuses: 403 condition-not-met"), ("web", "not matched", "silent")],
)
def test_explain_tells_condition_and_decision(channel, condition, decision):
    text = (
        b"policy: a\nkind: require-claims\nwhen: {header.x-channel: batch}\n"
        b"spec: {require: {claim.region: eu}}"
    )
    told = explain(
        compiled(text).snapshot, "psa.projects", "getProject", "x", headers={"x-channel": channel}
    )
    rule = next(rule for rule in told["rules"] if rule["kind"] == "require-claims")
    assert (rule["condition"], rule["decision"]) == (condition, decision)
