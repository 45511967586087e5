"""Who sees what: scopes, claims and environments, and as which technique."""

import json

import pytest
from psa_world import MemoryPorts, compiled

from contracts.errors import TreatyError
from policies.exchange import Exchange
from policies.explain import explain
from policies.kinds.mask import Mask

POLICY = "policy: reveal\nkind: mask\nspec:\n  reveal:\n"
CLEAR = {
    "name": "Lead Person",
    "email": "lead@example.com",
    "margin": "12.5000",
    "cost": "100000.25",
}
HIDDEN = {"name": "****", "email": "****@example.com", "margin": "****", "cost": "****"}


def mask(*entries):
    text = POLICY + "".join(f"    - {entry}\n" for entry in entries)
    snapshot = compiled(text.encode()).snapshot
    operations = snapshot.contracts[0].operations
    (rule,) = [r for o in operations if o.name == "getProject" for r in o.rules if r.kind == "mask"]
    return snapshot, Mask(rule.settings)


def seen(enforcer, snapshot, scopes=(), **claims):
    contract = snapshot.contracts[0]
    body = {
        "project_manager": {"name": CLEAR["name"], "email": CLEAR["email"]},
        "margin_percent": CLEAR["margin"], "budget_cost": CLEAR["cost"],
    }  # fmt: skip
    exchange = Exchange(
        "GET", "/", "", {}, "", "", contract, contract.operations[0],
        scopes=frozenset(scopes), claims=claims, status=200,
        response_headers={"content-type": "application/json"},
        response_body=json.dumps(body).encode(),
    )  # fmt: skip
    assert enforcer.on_response(exchange, MemoryPorts()) is None
    shown = json.loads(exchange.response_body)
    manager = shown["project_manager"]
    return {
        "name": manager["name"], "email": manager["email"],
        "margin": shown["margin_percent"], "cost": shown["budget_cost"],
    }  # fmt: skip


def only(**shown):
    return HIDDEN | shown


FINANCE = "{claims: {role: [finance, audit]}, categories: [financial]}"


@pytest.mark.parametrize(
    ("entry", "scopes", "claims", "expected"),
    [
        (FINANCE, (), {"role": "finance"}, only(margin=CLEAR["margin"], cost=CLEAR["cost"])),
        (FINANCE, (), {"role": ["x", "audit"]}, only(margin=CLEAR["margin"], cost=CLEAR["cost"])),
        (FINANCE, (), {"role": "financial"}, HIDDEN),
        (FINANCE, (), {"role": {"finance": True}}, HIDDEN),
        (FINANCE, (), {"role": None}, HIDDEN),
        (FINANCE, (), {}, HIDDEN),
        ("{claims: {level: [1]}}", (), {"level": True}, HIDDEN),
        ("{claims: {org.role: [hr]}}", (), {"org": {"role": ["hr"]}}, CLEAR),
        ("{claims: {a: [x], b: [y]}}", (), {"a": "x"}, HIDDEN),
        ("{claims: {a: [x], b: [y]}}", (), {"a": "x", "b": "y"}, CLEAR),
        ("{scopes: [projects.costs], claims: {a: [x]}}", ("projects.costs",), {}, HIDDEN),
        ("{scopes: [projects.costs], claims: {a: [x]}}", (), {"a": "x"}, HIDDEN),
        ("{scopes: [projects.costs], claims: {a: [x]}}", ("projects.costs",), {"a": "x"}, CLEAR),
        ("{claims: {a: [x]}, sensitivity: [restricted]}", (), {"a": "x"}, only(margin="12.5000")),
        ("{environments: [demo]}", (), {}, CLEAR),
        ("{environments: [elsewhere]}", (), {}, HIDDEN),
    ],
)
def test_an_entry_shows_to_those_it_names_and_to_nobody_else(entry, scopes, claims, expected):
    snapshot, enforcer = mask(entry)
    assert seen(enforcer, snapshot, scopes, **claims) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["{claims: {a: [x]}, as: partial}"],
         {**HIDDEN, "name": "*******rson", "margin": "****", "cost": "*****0.25"}),
        (["{claims: {a: [x]}, as: hash}"],
         {"name": "pseudonym-11", "email": "****@example.com", "margin": "pseudonym-7",
          "cost": "pseudonym-9"}),
        (["{claims: {a: [x]}, as: full}"], HIDDEN),
        (["{claims: {a: [x]}, as: partial}", "{claims: {a: [x]}, categories: [PII]}"],
         {**HIDDEN, "name": CLEAR["name"], "cost": "*****0.25"}),
        (["{claims: {a: [x]}, as: partial}", "{claims: {a: [x]}, as: hash}"],
         {**HIDDEN, "name": "*******rson", "cost": "*****0.25"}),
        (["{claims: {a: [y]}}", "{claims: {a: [x]}, as: partial}"],
         {**HIDDEN, "name": "*******rson", "cost": "*****0.25"}),
    ],
)  # fmt: skip
def test_a_technique_shows_a_part(entries, expected):
    snapshot, enforcer = mask(*entries)
    shown = seen(enforcer, snapshot, a="x")
    assert shown == expected
    # One caller's view is never another's.
    assert seen(enforcer, snapshot) == HIDDEN
    assert seen(enforcer, snapshot, a="x") == shown


@pytest.mark.parametrize(
    "entry",
    [
        "{}",
        "{categories: [PII]}",
        "{claims: {role: []}}",
        "{claims: {role: {not: [x]}}}",
        "{claims: {role: [x]}, as: remove}",
        "{claims: {role: [x]}, as: nothing}",
        "{claims: {'': [x]}}",
    ],
)
def test_an_entry_that_shows_to_nobody_or_everybody_is_refused(entry):
    with pytest.raises(TreatyError) as caught:
        mask(entry)
    assert caught.value.problem.type.slug == "invalid-policy"


def test_an_explanation_names_who_sees_what():
    snapshot, _ = mask("{claims: {role: [finance]}, as: partial}")
    assert "claims that fit (partial)" in str(explain(snapshot, "psa.projects", "getProject"))
