"""Deployments that share a base path, through a real gateway: which one takes which call."""

import base64

import pytest
from gateway_world import FakeRegistry, until
from routing_world import ask, on_one_path, upstream, world

BY_VERSION = {
    "1.0.0": {"match": {"media_version": "1"}},
    "2.0.0": {"match": {"media_version": "2"}, "default": True},
}
BY_HEADER = {"1.0.0": {"default": True}, "2.0.0": {"match": {"headers": {"X-Ring": "early"}}}}
BY_HOST = {
    "1.0.0": {"match": {"host": "a.example.com"}},
    "2.0.0": {"match": {"host": "b.example.com"}},
}
BY_GRANT = {"1.0.0": {"pinned": True}, "2.0.0": {"default": True}}


def serve(run, routings, test, pins=None, **facts):
    """Run the test against a gateway whose snapshot leads to the upstream."""

    async def started(running):
        deployments = on_one_path(running.upstream.url, routings, **facts)
        running.registry.snapshot = world(deployments, pins)
        await until(lambda: running.gateway.source.runtime is not None)
        await test(running)

    run(upstream, started, registry=FakeRegistry())


@pytest.mark.parametrize(
    ("fields", "status", "version"),
    [
        ((), 200, "2.0.0"),
        (("Accept: application/vnd.x.v1+json",), 200, "1.0.0"),
        (("Accept: application/json;version=1",), 200, "1.0.0"),
        (("Accept: */*",), 200, "2.0.0"),
        (("Accept: application/vnd.x.v1+json;q=0.3, application/vnd.x.v2+json",), 200, "2.0.0"),
        (("Content-Type: application/vnd.x.v1+json",), 200, "1.0.0"),
        (("Accept: application/vnd.x.v9+json",), 406, None),
    ],
)
def test_by_media_type_version(run, fields, status, version):
    async def test(running):
        reply = await ask(running, *fields)
        assert (reply.status, reply.json().get("version")) == (status, version)
        assert "accept" in reply.headers["vary"].lower()

    serve(run, BY_VERSION, test)


def test_by_header(run):
    async def test(running):
        assert (await ask(running)).json() == {"version": "1.0.0"}
        reply = await ask(running, "X-Ring: early")
        assert reply.json() == {"version": "2.0.0"}
        assert reply.headers["vary"] == "x-ring"
        assert (await ask(running, "X-Ring: early", "X-Ring: early")).json()["version"] == "1.0.0"

    serve(run, BY_HEADER, test)


def test_by_host(run):
    async def test(running):
        assert (await ask(running, host="A.example.com")).json() == {"version": "1.0.0"}
        assert (await ask(running, host="b.example.com:80")).json() == {"version": "2.0.0"}
        assert (await ask(running, host="c.example.com")).status == 404
        assert len(running.upstream.requests) == 2

    serve(run, BY_HOST, test)


def test_a_grant_pins_what_the_path_means(run):
    async def test(running):
        assert (await ask(running, key="reader")).json() == {"version": "1.0.0"}
        assert (await ask(running, key="writer")).json() == {"version": "2.0.0"}
        assert (await ask(running, key="nobody")).status == 401
        # What an unsigned token says leads somewhere, and no further.
        claims = base64.urlsafe_b64encode(b'{"client_id":"reader"}').decode().rstrip("=")
        lied = await ask(running, f"Authorization: Bearer e30.{claims}.c2ln", key="")
        assert lied.status == 401
        assert lied.json()["contract_version"] == "1.0.0"

    serve(run, BY_GRANT, test, {"reader": "1.0.0"})


def test_a_version_that_is_asked_for_comes_before_the_pin(run):
    async def test(running):
        assert (await ask(running)).json() == {"version": "1.0.0"}
        asked = await ask(running, "Accept: application/json;version=2")
        assert asked.json() == {"version": "2.0.0"}

    serve(run, BY_VERSION, test, {"reader": "1.0.0"})


def test_other_paths_are_led_by_the_path_alone(run):
    async def started(running):
        url = running.upstream.url
        plain = on_one_path(url, {"3.0.0": None}, name="shop.plain", base="")
        shared = on_one_path(url, BY_HOST)
        running.registry.snapshot = world((*plain, *shared))
        await until(lambda: running.gateway.source.runtime is not None)
        assert (await ask(running, path="/orders")).json() == {"version": "3.0.0"}
        assert (await ask(running, host="a.example.com")).json() == {"version": "1.0.0"}

    run(upstream, started, registry=FakeRegistry())


def test_where_only_paths_decide_nothing_more_is_looked_at(run):
    async def test(running):
        assert running.gateway.source.runtime.forks is None
        assert (await ask(running)).json() == {"version": "1.0.0"}

    serve(run, {"1.0.0": {"default": True}}, test)
