"""Header hygiene by cases, each through a real call."""

import re
from pathlib import Path

import pytest
import yaml
from gateway_world import response

FILE = yaml.load(  # test data of our own
    (Path(__file__).parent / "cases" / "headers.yaml").read_text(encoding="utf-8"), yaml.SafeLoader
)
BODY = b'{"project_id":"P-1","project_manager":{"name":"Somebody","email":"lead@example.com"}}'


def assert_shows(headers, wanted):
    assert {name: headers.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("case", FILE["request"], ids=lambda case: case["sent"])
def test_request(run, case):
    async def test(running):
        reply = await running.call("GET", "/projects/P-1", "reader", case["sent"])
        assert reply.status == 200
        assert_shows(running.upstream.requests[0].headers, case["upstream"])
        assert_shows(reply.headers, case.get("reply", {}))

    run(lambda *_: response(200, BODY, "Content-Type: application/json"), test)


@pytest.mark.parametrize("case", FILE["response"], ids=lambda case: case["sent"])
def test_response(run, case):
    async def test(running):
        reply = await running.call()
        assert reply.status == 200
        assert reply.whole
        assert_shows(reply.headers, case["reply"])
        assert re.fullmatch("[0-9a-f]{32}", reply.headers["x-request-id"])

    run(lambda *_: response(200, BODY, "Content-Type: application/json", case["sent"]), test)


def test_strange_request_id_is_replaced(run):
    async def test(running):
        reply = await running.call("GET", "/projects/P-1", "reader", "X-Request-Id: a b<c>")
        assert re.fullmatch("[0-9a-f]{32}", reply.headers["x-request-id"])

    run(lambda *_: response(200, BODY, "Content-Type: application/json"), test)


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_body(run, status):
    async def test(running):
        reply = await running.call()
        assert (reply.status, reply.body) == (status, b"")

    run(lambda *_: response(status, b"", "ETag: x", length=False), test)
