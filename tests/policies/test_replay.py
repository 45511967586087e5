"""Calls of a ledger held against a draft: what would be refused, let through, gone, or unsure."""

import json
from datetime import UTC, datetime

import pytest

from policies.compile import compile as compile_snapshot
from policies.folder.reading import inputs
from policies.replay import replay

NOW = datetime(2026, 3, 31, tzinfo=UTC)
SINCE = datetime(2026, 3, 24, tzinfo=UTC)
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1.0.0"},
    "components": {
        "securitySchemes": {
            "oauth": {"type": "oauth2", "flows": {"clientCredentials": {
                "tokenUrl": "https://i.example/token", "scopes": {"orders.read": "Read", "orders.admin": "All"}}}}
        }
    },
    "paths": {
        "/orders": {
            "get": {
                "operationId": "listOrders",
                "security": [{"oauth": ["orders.read"]}],
                "responses": {"200": {"description": "All of them."}},
            }
        }
    },
}  # fmt: skip
WORLD = """
deployments: [{contract: shop.orders, file: o.json, upstream: 'http://u.example'}]
applications: [{id: desk}, {id: portal}]
plans: [{name: s}]
grants:
- {application: desk, contract: shop.orders, plan: s, scopes: [orders.read]}
- {application: portal, contract: shop.orders, plan: s}
"""
ADMINS = "policy: admins\nkind: require-scope\nspec: {any_of: [[orders.admin]]}\n"


def draft(policies=""):
    files = {"w.yaml": WORLD, "o.json": json.dumps(CONTRACT)}
    files |= {"p.yaml": policies} if policies else {}
    return compile_snapshot(inputs({path: text.encode() for path, text in files.items()}))


def entry(application="desk", status=200, count=3, at="2026-03-30T10:00:00Z", kind="", **more):
    decisions = [{"kind": kind, "outcome": "denied", "enforced": True}] if kind else []
    return {
        "application": application, "contract": "shop.orders", "version": "1.0.0",
        "operation": "listOrders", "at": at, "status": status, "count": count,
        "decisions": decisions, **more,
    }  # fmt: skip


def changes(entries, policies=""):
    done = replay(entries, draft(policies), SINCE, NOW)
    return [(row["application"], row["change"], row["calls"]) for row in done.rows]


def test_calls_that_end_alike_are_no_change():
    assert changes([entry(), entry("portal", 403, kind="require-scope")]) == []


def test_calls_that_passed_and_would_be_refused_name_the_policy():
    done = replay([entry(), entry(count=4)], draft(ADMINS), SINCE, NOW)
    (row,) = done.rows
    assert (row["change"], row["calls"], row["policy"], row["place"]) == (
        "would be refused", 7, "admins", "p.yaml:1",
    )  # fmt: skip
    assert done.calls == 7


@pytest.mark.parametrize(
    "policy",
    [
        ADMINS + "when: {header.x-region: [eu]}\n",
        "policy: eu\nkind: require-claims\nspec: {require: {claim.region: [eu]}}\n",
    ],
)
def test_what_the_ledger_cannot_tell_is_unsure(policy):
    assert changes([entry()], policy) in ([("desk", "may change", 3)], [])
    assert ("desk", "would be refused", 3) not in changes([entry()], policy)


def test_calls_that_were_refused_and_would_pass():
    assert changes([entry(status=403, kind="require-scope")]) == [
        ("desk", "would be let through", 3)
    ]


def test_a_limit_or_an_upstream_says_nothing_of_the_draft():
    assert changes([entry(status=429, kind="rate-limit"), entry(status=502)]) == []


def test_what_is_not_deployed_any_more():
    assert changes([entry(version="9.0.0")]) == [("desk", "is not deployed any more", 3)]


def test_older_calls_do_not_count():
    assert changes([entry(at="2026-03-01T10:00:00Z")], ADMINS) == []


@pytest.mark.parametrize(
    "broken",
    [None, 7, {}, entry(count=0), entry(status="200"), entry(at="yesterday"), entry(application=7)],
)
def test_what_is_no_entry_is_counted_and_left_out(broken):
    done = replay([broken, entry()], draft(), SINCE, NOW)
    assert (done.calls, done.unreadable) == (3, 1)
