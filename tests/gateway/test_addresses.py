"""Several addresses of one upstream: in turn, left alone after failures, checked in the background."""

from types import SimpleNamespace

import pytest
from gateway_world import FakeRegistry, RawServer, response, until
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from routing_world import ask, on_one_path, world

from gateway.addresses import Address, Addresses, Member, Ring
from policies.routing import Ejection, Health, Routing

JSON = "Content-Type: application/json"
CHECKED = {"path": "/well", "interval_seconds": 0.1, "failures": 1}


def ring(size, now, **rules):
    made, members = Ring(Ejection(**rules), now), []
    for number in range(size):
        members.append((Address(f"http://{number}"), SimpleNamespace(number=number)))
    made.fill(members)
    return made, [address for address, _ in members]


EVENTS = st.lists(
    st.tuples(st.sampled_from(["fail", "succeed", "wait", "next"]), st.integers(0, 3)), max_size=60
)


@given(EVENTS, st.integers(2, 4))
def test_never_all_are_left_alone_and_only_those_in_use_are_asked(events, size):
    clock = [0.0]
    made, addresses = ring(size, lambda: clock[0], failures=2, seconds=4, at_most_seconds=16)
    for what, which in events:
        address = addresses[which % size]
        if what == "fail":
            made.failed(address)
        elif what == "succeed":
            made.succeeded(address)
        elif what == "wait":
            clock[0] += which
        else:
            assert addresses[made.next().number].ejected_until <= clock[0]
        assert any(each.ejected_until <= clock[0] for each in addresses)


def test_in_turn_and_longer_each_time():
    clock = [0.0]
    made, (first, second) = ring(2, lambda: clock[0], failures=1, seconds=4, at_most_seconds=10)
    assert [made.next().number for _ in range(4)] == [0, 1, 0, 1]
    lengths = []
    for _ in range(3):
        made.failed(first)
        lengths.append(first.ejected_until - clock[0])
        made.failed(second)
        assert second.ejected_until == 0
        assert {made.next().number for _ in range(3)} == {1}
        clock[0] = first.ejected_until
    assert lengths == [4, 8, 10]
    clock[0] += 11
    Member(made, first, 1).succeeded()
    made.failed(first)
    assert first.ejected_until - clock[0] == 4


def test_where_none_is_well_all_are_asked():
    made, addresses = ring(3, lambda: 0.0)
    for address in addresses:
        address.heard(good=False, health=Health(path="/", failures=1))
    assert {made.next().number for _ in range(3)} == {0, 1, 2}


def test_a_check_counts_in_a_row():
    address, health = Address("http://a"), Health(path="/", failures=2, successes=2)
    seen = []
    for good in (False, True, False, False, True, False, True, True):
        address.heard(good=good, health=health)
        seen.append(address.well)
    assert seen == [True, True, True, False, False, False, False, True]


def test_rules_without_addresses_are_refused():
    with pytest.raises(ValidationError, match="addresses"):
        Routing(health=Health(path="/"))


class Upstream:
    """Says its name; `status` and `well` can be changed."""

    def __init__(self, name):
        self.name, self.status, self.well, self.checks = name, 200, 200, 0

    def __call__(self, request, writer):
        if request.line.startswith("GET /well "):
            self.checks += 1
            return response(self.well)
        return response(self.status, b'{"name":"%b"}' % self.name.encode(), JSON)


def serve(run, test, policies=b"", **routing):
    one, two = Upstream("one"), Upstream("two")

    async def started(running):
        async with RawServer(two) as second:
            facts = {"addresses": [f"{second.url}/1.0.0/"], **routing}
            deployments = on_one_path(running.upstream.url, {"1.0.0": facts})
            running.registry.snapshot = world(deployments, policies=policies)
            await until(lambda: running.gateway.source.runtime is not None)
            await test(running, one, two, second)

    run(one, started, registry=FakeRegistry())


async def names(running, count=4):
    return [(await ask(running)).json().get("name") for _ in range(count)]


def test_calls_go_round(run):
    async def test(running, one, two, second):
        assert await names(running) == ["one", "two", "one", "two"]

    serve(run, test)


def test_an_address_that_refuses_connections_costs_no_call(run):
    async def test(running, one, two, second):
        second.server.close()
        assert await names(running, 6) == ["one"] * 6

    serve(run, test, ejection={"failures": 2})


def test_failures_take_an_address_out_and_a_reload_does_not_bring_it_back(run):
    async def test(running, one, two, second):
        two.status = 503
        statuses = [(await ask(running)).status for _ in range(8)]
        assert statuses.count(503) == 2
        two.status = 200
        assert set(await names(running)) == {"one"}
        before = running.gateway.source.runtime
        known = running.registry.snapshot
        fewer = known.model_copy(update={"applications": known.applications[:1]})
        running.registry.snapshot = fewer.sealed()
        await until(lambda: running.gateway.source.runtime is not before)
        assert set(await names(running)) == {"one"}

    serve(run, test, ejection={"failures": 2, "seconds": 600})


def test_a_retry_goes_to_the_other_address(run):
    policy = b"policy: again\nkind: upstream\nspec: {retries: {attempts: 1, statuses: [503]}}"

    async def test(running, one, two, second):
        two.status = 503
        assert await names(running, 6) == ["one"] * 6

    serve(run, test, policy, ejection={"failures": 100})


def test_a_check_takes_an_address_out_and_back(run):
    async def test(running, one, two, second):
        known = running.gateway._shared.addresses.get(f"{second.url}/1.0.0")
        await until(lambda: two.checks > 0)
        two.well = 500
        await until(lambda: not known.well)
        assert set(await names(running)) == {"one"}
        two.well = 204
        await until(lambda: known.well)
        assert set(await names(running)) == {"one", "two"}
        assert one.checks > 0

    serve(run, test, health=CHECKED)


def test_addresses_are_the_same_each_time():
    known = Addresses(lambda: 0.0)
    assert known.get("http://a") is known.get("http://a")
