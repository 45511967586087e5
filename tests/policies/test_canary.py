"""The draw of a canary: a share, sticky, and growing only by more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from routing_world import on_one_path, world

from contracts.errors import TreatyError
from policies.canary import Share, caller
from policies.explain import explain
from policies.routing import Canary

URL = "http://127.0.0.1:1"
NAMES = [f"application app-{number}" for number in range(2000)]


@given(st.floats(0.1, 99.9), st.floats(0, 99.9), st.text(max_size=20))
def test_whoever_is_led_there_stays_while_the_weight_grows(weight, more, seed):
    small = Share(Canary(upstream=URL, weight=weight), seed)
    great = Share(Canary(upstream=URL, weight=min(100, weight + more)), seed)
    for name in NAMES[:100]:
        assert small.takes(None, name) <= great.takes(None, name)


@pytest.mark.parametrize("weight", [1, 10, 50, 100])
def test_the_share_is_about_the_weight(weight):
    share = Share(Canary(upstream=URL, weight=weight), "shop.orders 1.0.0")
    taken = sum(share.takes(None, name) for name in NAMES)
    assert abs(taken - weight * 20) <= 3 * (weight * 20 * (1 - weight / 100)) ** 0.5 + 1


def test_by_token_one_application_is_split():
    canary = Canary(upstream=URL, weight=50, by="token")
    share = Share(canary, "s")
    who = [caller(canary, "a", {"authorization": f"Bearer {n}"}, "") for n in range(50)]
    assert {share.takes("a", each) for each in who} == {True, False}
    assert caller(canary, "a", {}, "192.0.2.1") == "client 192.0.2.1"


def test_a_canary_for_nobody_is_refused():
    with pytest.raises(ValidationError, match="nobody"):
        Canary(upstream=URL)


def test_explain_says_which_upstream():
    snapshot = world(
        on_one_path(
            URL, {"1.0.0": {"canary": {"upstream": URL, "weight": 5, "applications": ["reader"]}}}
        )
    )
    told = [explain(snapshot, "shop.orders", "list", name)["canary"] for name in ("reader", "")]
    assert told == ["canary (5 % by application)", "canary for 5 % of the callers"]


def test_a_canary_for_an_unknown_application_is_refused():
    canary = {"upstream": URL, "applications": ["raeder"]}
    with pytest.raises(TreatyError, match=r"world.yaml:1.*'raeder'"):
        world(on_one_path(URL, {"1.0.0": {"canary": canary}}))
