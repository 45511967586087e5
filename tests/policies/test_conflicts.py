"""What may not stand beside each other, and what the compiler warns of."""

import json

import pytest
from psa_world import compiled, deployed

from contracts.errors import TreatyError
from contracts.formats import read
from policies.compile import compile_with_warnings
from policies.explain import explain
from policies.inputs import Inputs
from policies.load import load
from policies.snapshot import GrantPlan, UsagePlan


def contract(*paths, security=None, schemes=None, **members):
    operation = {"responses": {"200": {"description": "d"}}}
    if security is not None:
        operation["security"] = security
    document = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {path: {"get": operation} for path in paths},
        "components": {"securitySchemes": schemes or {}}, **members,
    }  # fmt: skip
    return read(json.dumps(document).encode(), source="t.json")


def refused(*deployments, policies=()):
    with pytest.raises(TreatyError) as error:
        compile_with_warnings(Inputs("demo", deployments, policies))
    return error.value.problem


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (("/a", "/b"), ("/a/", "/c"), "both claim /a."),
        (("/a", "/b/c"), ("/a/b", "/c"), "both claim GET /a/b/c"),
        (("/a", "/{x}"), ("", "/a/{y}"), "both claim GET /a/{}"),
    ],
)
def test_one_route_claimed_twice_names_both(one, other, says):
    deployments = [
        deployed(contract_id=f"s.{name}", base_path=base, contract=contract(path))
        for name, (base, path) in zip("xy", (one, other), strict=True)
    ]
    problem = refused(*deployments)
    assert problem.type.slug == "route-conflict"
    assert says in problem.detail
    assert "s.x" in problem.detail
    assert "s.y" in problem.detail
    assert refused(*reversed(deployments)).detail == problem.detail


@pytest.mark.parametrize("base", ["/-/x", "/-", "x"])
def test_base_paths_that_nobody_may_claim(base):
    assert refused(deployed(base_path=base)).type.slug == "route-conflict"


def test_templates_of_one_contract_that_cannot_be_told_apart():
    governed = deployed(contract=contract("/a/{x}", "/a/{y}"))
    done = compile_with_warnings(Inputs("demo", (governed,)))
    assert "GET /a/{y} cannot be told from GET /a/{x}" in done.warnings[0]
    text = b"policy: a\nkind: size-limit\nselect: {operations: ['GET /a/{x}']}\nspec: {request_bytes: 1}"
    problem = refused(governed, policies=load(text, source="p.yaml"))
    assert problem.type.slug == "route-conflict"
    assert "GET /a/{x}" in problem.detail
    assert "GET /a/{y}" in problem.detail


def test_one_name_in_two_files_names_both():
    policies = (
        *load(b"policy: a\nkind: mask", source="one.yaml"),
        *load(b"\npolicy: a\nkind: size-limit", source="two.yaml"),
    )
    problem = refused(deployed(), policies=policies)
    assert problem.type.slug == "policy-conflict"
    assert "one.yaml:1" in problem.detail
    assert "two.yaml:2" in problem.detail


def test_a_glob_that_matches_nothing_is_a_warning_beside_one_that_does():
    done = compiled(
        b"policy: a\nkind: mask\nselect: {operations: [getProject, gteProject], versions: ['2.*', '9.*']}"
    )
    assert len(done.warnings) == 2
    assert "gteProject" in "".join(done.warnings)
    assert "9.*" in "".join(done.warnings)


def test_a_revealing_scope_needs_only_one_of_the_selected_contracts():
    other = deployed(
        contract_id="crm.deals", base_path="/crm/deals/v1", contract=contract("/deals")
    )
    text = (
        b"policy: a\nkind: mask\nspec: {reveal: [{scopes: [projects.personal], categories: [PII]}]}"
    )
    done = compile_with_warnings(Inputs("demo", (deployed(), other), load(text, source="p.yaml")))
    assert done.warnings == ()
    assert refused(other, policies=load(text, source="p.yaml")).type.slug == "unknown-scope"


def test_two_grants_of_one_application_are_a_warning_and_no_reason_to_differ():
    grants = [
        GrantPlan(application="a", contract="psa.projects", plan=plan, scopes=scopes)
        for plan, scopes in (("p", ("x", "y")), ("q", ("y", "x")))
    ]
    plans = tuple(UsagePlan(name=name, limits=()) for name in "pq")
    one = Inputs("demo", (deployed(),), plans=plans, grants=tuple(grants))
    two = Inputs("demo", (deployed(),), plans=plans, grants=tuple(reversed(grants)))
    done = compile_with_warnings(one)
    assert "2 grants" in done.warnings[0]
    assert done.snapshot == compile_with_warnings(two).snapshot


SCHEMES = {
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": {
        "tokenUrl": "https://example.com/t", "scopes": {"read": ""}}}},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "basic": {"type": "http", "scheme": "basic"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("security", "caller", "allowed"),
    [
        ([{"oauth": ["read"]}, {"key": []}], "token", False),
        ([{"oauth": ["read"]}, {"key": []}], "key", True),
        ([{"oauth": ["read"]}, {"basic": []}], "key", False),
        ([{"basic": []}], "token", True),
        ([{"key": []}], "token", True),
    ],
)
def test_a_scopeless_alternative_is_not_open_to_every_token(world, security, caller, allowed):
    """The caller holds a grant, and no scope of the contract."""
    governed = world(contract=contract("/a", security=security, schemes=SCHEMES))
    headers = {"token": {"authorization": "Bearer writer"}, "key": {"x-api-key": "key-writer"}}
    _, rule, _ = governed.call("GET /a", headers[caller])
    assert (rule is None) is allowed


def test_documentation_links_of_a_deprecated_version(world):
    for url, linked in [
        ("https://example.com/old", True),
        ("https://example.com/>\r\nX: y", False),
    ]:
        governed = world(
            contract=contract("/a", externalDocs={"url": url}),
            state="deprecated",
            sunset_at=1_900_000_000,
        )
        exchange, _, _ = governed.call("GET /a")
        links = [value for name, value in exchange.added_headers if name == "Link"]
        assert any('rel="deprecation"' in link for link in links) is linked
        assert any('rel="sunset"' in link for link in links) is linked


def test_explain_takes_the_token_the_clock_and_the_newest_version():
    grant = GrantPlan(
        application="a", contract="psa.projects", plan="p",
        scopes=("projects.read",), expires_at=100,
    )  # fmt: skip
    deployments = (
        deployed(),
        deployed(version="10.0.0", base_path="/psa/projects/v10"),
    )
    plans = (UsagePlan(name="p", limits=()),)
    snapshot = compile_with_warnings(
        Inputs("demo", deployments, grants=(grant,), plans=plans)
    ).snapshot

    def says(**facts):
        path = explain(snapshot, "psa.projects", "getProject", "a", **facts)
        assert path["contract_version"] == "10.0.0"
        return next(rule["says"] for rule in path["rules"] if rule["kind"] == "require-scope")

    assert says().endswith("granted")
    assert "refused" in says(scopes=frozenset({"other"}))
    assert "no live grant" in says(now=100.0)
