"""Classified response headers through a gateway: each caller sees its own view of them."""

import json

import pytest
from gateway_world import PERSONAL, response

from contracts import library
from contracts.formats import read, yaml

JSON = "Content-Type: application/json"
BODY = b'{"project_id":"P-1"}'


def contract(**headers):
    """The PSA's contract, where answers of getProject have these headers."""
    root = yaml.parse(library.text("systems/psa.projects-2.0.0.yaml"), source="psa.yaml").root
    answer = root["paths"]["/projects/{projectId}"]["get"]["responses"]["200"]
    answer["headers"] = {name.replace("_", "-"): {"schema": each} for name, each in headers.items()}
    return read(json.dumps(root).encode(), source="psa.json")


def pii(strategy="full", **facts):
    masking = {"strategy": strategy, **facts}
    classified = {"category": "PII", "sensitivity": "confidential", "masking": masking}
    return {"type": "string", "x-data-classification": classified}


def upstream(*fields, status=200):
    return lambda *_: response(status, BODY, JSON, *fields)


def test_a_caller_sees_its_view(run):
    async def test(running):
        for _ in range(2):  # equal heads of one connection are judged once
            masked = (await running.call(key="reader")).headers
            assert masked["x-lead"] == "****@example.com"
            assert "x-phone" not in masked
            assert masked["x-list"] == "****"
            assert masked["x-open"] == "open"
            clear = (await running.call(key="everything")).headers
            assert clear["x-lead"] == "lead@example.com"
            assert clear["x-phone"] == "+43 1 234"

    inner = {"type": "array", "items": pii()}
    known = contract(
        X_Lead=pii("partial"), X_Phone=pii("remove"), X_List=inner, X_Open={"type": "string"}
    )
    fields = ("X-Lead: lead@example.com", "X-Phone: +43 1 234", "X-List: a,b", "X-Open: open")
    run(upstream(*fields), test, contract=known, policies=PERSONAL)


def test_a_name_is_classified_in_undocumented_answers_too_and_however_often(run):
    async def test(running):
        reply = await running.call()
        assert reply.status == 500
        assert b"CANARY" not in repr(reply).encode()

    fields = ("X-Lead: CANARY", "x-lead: CANARY-2")
    run(upstream(*fields, status=500), test, contract=contract(X_Lead=pii()))


@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_what_only_observes_hides_nothing(run, mode):
    async def test(running):
        shown = (await running.call()).headers["x-lead"]
        assert shown == ("****" if mode == "enforce" else "clear")

    policy = f"policy: m\nkind: mask\nmode: {mode}\noverrides: baseline-mask".encode()
    run(upstream("X-Lead: clear"), test, contract=contract(X_Lead=pii()), policies=policy)


def test_a_kept_reply_keeps_the_view(run):
    async def test(running):
        first, again = await running.call(), await running.call()
        assert again.headers["age"] == "0"
        assert first.headers["x-lead"] == again.headers["x-lead"] == "****"
        assert b"CANARY" not in repr(again).encode()
        assert len(running.upstream.requests) == 1

    policy = b"policy: c\nkind: cache\nspec: {ttl: 60s}"
    run(upstream("X-Lead: CANARY"), test, contract=contract(X_Lead=pii()), policies=policy)
