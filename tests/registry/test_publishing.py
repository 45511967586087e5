"""Publishing on SQLite and PostgreSQL: idempotent, guarded, all or nothing."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from registry_world import DATABASES, PSA, world

VERSIONS = "/v1/contracts/psa.projects/versions"
BROKEN = PSA.replace("  /resources:\n", "  /people:\n", 1)


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


def publish(registry, content, status, **more):
    return registry.call("POST", VERSIONS, {"content": content, **more}, status=status).json()


def versions(registry):
    return [v["version"] for v in registry.call("GET", VERSIONS).json()["items"]]


def as_json(text):
    return json.dumps(yaml.load(text, Loader=yaml.BaseLoader) and _typed(text))


def _typed(text):
    from contracts.formats import yaml as ours

    return ours.parse(text.encode(), source="x").root


def test_the_same_meaning_again_changes_nothing(registry):
    for text in (PSA, PSA + "\n# a comment\n", as_json(PSA)):
        again = publish(registry, text, 200)
        assert again["unchanged"]
    assert versions(registry) == ["2.0.0"]


def test_a_version_never_changes(registry):
    problem = publish(registry, BROKEN, 409)
    assert problem["type"] == "urn:treaty:problem:version-exists"
    assert problem["suggested_version"] == "3.0.0"
    assert registry.call("GET", f"{VERSIONS}/2.0.0/content").text == PSA


def test_a_break_needs_a_new_major(registry):
    problem = publish(registry, BROKEN, 409, version="2.1.0")
    assert problem["type"] == "urn:treaty:problem:breaking-change"
    assert problem["errors"][0]["line"] > 0
    assert versions(registry) == ["2.0.0"]
    assert publish(registry, BROKEN, 201, version="3.0.0")["report"]["verdict"] == "breaking"


def test_an_administrator_may_state_a_reason_and_it_is_audited(registry):
    publish(registry, BROKEN, 201, version="2.1.0", allow_breaking_reason="Nobody calls it")
    acts = registry.call("GET", "/v1/audit?action=contract.published").json()["items"]
    assert acts[0]["detail"]["allowed"] == "Nobody calls it"


@pytest.mark.parametrize(
    ("content", "slug", "status"),
    [
        ("a: [", "document-not-readable", 422),
        ("a: 1\na: 2", "duplicate-key", 422),
        ("openapi: 9.0.0", "unknown-format", 422),
        ("a: &a [*a]", "document-not-readable", 422),
        ("[" * 5000, "document-too-deep", 422),
        ("openapi: 3.0.3\ninfo: {title: t, version: 4.0.0}\npaths: {/a: {get: {}}}", "invalid-contract", 422),
        ("type: object", "invalid-contract", 422),
        (PSA.replace("createProject", "listProjects"), "invalid-contract", 422),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused_and_nothing_stays(registry, content, slug, status):
    before = registry.call("GET", "/v1/audit/verify").json()["entries"]
    problem = publish(registry, content, status, version="4.0.0")
    assert problem["type"] == f"urn:treaty:problem:{slug}"
    assert versions(registry) == ["2.0.0"]
    assert registry.call("GET", "/v1/audit/verify").json()["entries"] == before


def test_a_dirty_contract_is_taken_with_its_baseline(registry):
    dirty = PSA.replace("createProject", "listProjects").replace("version: 2.0.0", "version: 2.1.0")
    publish(registry, dirty, 422)
    assert publish(registry, dirty, 201, baseline=True, allow_breaking_reason="t")["baseline"]
    same_dirt = dirty.replace("version: 2.1.0", "version: 2.2.0")
    publish(registry, same_dirt, 201)


def test_of_two_that_publish_one_version_one_wins(registry):
    texts = [
        PSA.replace("version: 2.0.0", "version: 2.1.0").replace("A page", f"Page {n}") for n in "ab"
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda t: registry.call("POST", VERSIONS, {"content": t}), texts))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert versions(registry) == ["2.0.0", "2.1.0"]
    assert registry.call("GET", "/v1/audit/verify").status_code == 200


def test_grants_policies_and_states_reach_the_snapshot(registry):
    before = registry.snapshot()["digest"]
    body = {"application": "portal", "contract": "psa.projects", "plan": "small",
            "environment": "demo", "scopes": ["projects.read"]}  # fmt: skip
    grant = registry.call("POST", "/v1/grants", body, status=201).json()
    assert registry.snapshot()["grants"] == []
    registry.call("POST", f"/v1/grants/{grant['id']}/approve", status=200)
    assert registry.snapshot()["grants"][0]["application"] == "portal"
    registry.call("POST", f"/v1/grants/{grant['id']}/deny", status=409)
    registry.call("POST", f"/v1/grants/{grant['id']}/revoke", status=200)
    assert registry.snapshot()["grants"] == []
    assert registry.snapshot()["digest"] == before
    state = {"state": "deprecated", "sunset_at": "2030-01-01T00:00:00Z"}
    registry.call("POST", f"{VERSIONS}/2.0.0/state", state, status=200)
    assert registry.snapshot()["contracts"][0]["sunset_at"] == 1893456000
    early = {"state": "deprecated", "sunset_at": "2000-01-01T00:00:00Z"}
    registry.call("POST", f"{VERSIONS}/2.0.0/state", early, status=409)


def test_a_policy_that_does_not_compile_leaves_no_trace(registry):
    before = registry.snapshot()["digest"]
    bad = {"document": "policy: a\nkind: require-scope\nspec: {any_of: [[nobody.knows]]}"}
    problem = registry.call("PUT", "/v1/policies/own", bad, status=422).json()
    assert problem["type"] == "urn:treaty:problem:unknown-scope"
    assert problem["errors"][0]["file"] == "own.yaml"
    registry.call("GET", "/v1/policies/own", status=404)
    assert registry.snapshot()["digest"] == before
    assert not registry.call("POST", "/v1/policy-check", bad, status=200).json()["valid"]


def test_a_changed_audit_row_is_found(registry):
    from sqlalchemy import text

    with registry.parts.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET object = 'someone else' WHERE seq = 3"))
    problem = registry.call("GET", "/v1/audit/verify", status=500).json()
    assert problem["type"] == "urn:treaty:problem:audit-broken"
    assert problem["entry"] == 3


def test_pages_together_are_the_whole_list(registry):
    for number in range(7):
        registry.call("POST", "/v1/teams", {"name": f"team-{number}", "title": "T"}, status=201)
    seen, cursor = [], ""
    while cursor is not None:
        page = registry.call(
            "GET", f"/v1/teams?limit=3{cursor and '&cursor=' + cursor}", status=200
        ).json()
        seen += [team["name"] for team in page["items"]]
        cursor = page["next"]
    assert seen == sorted({*seen}) == ["clients", "delivery", *(f"team-{n}" for n in range(7))]


def test_updates_need_the_etag_that_was_read(registry):
    tag = registry.call("GET", "/v1/services/psa").headers["etag"]
    registry.call("PATCH", "/v1/services/psa", {"title": "New"}, status=428)
    registry.call("PATCH", "/v1/services/psa", {"title": "New"}, status=200, If_Match=tag)
    registry.call("PATCH", "/v1/services/psa", {"title": "Old"}, status=412, If_Match=tag)


def test_a_publisher_acts_for_its_own_team(registry):
    body = {"name": "ci", "role": "publisher", "team": "clients"}
    token = registry.call("POST", "/v1/tokens", body, status=201).json()["token"]
    registry.call(
        "POST", VERSIONS, {"content": BROKEN, "version": "3.0.0"}, token=token, status=403
    )
    registry.call("GET", "/v1/audit", token=token, status=403)
    registry.call("GET", "/v1/me", token=token, status=200)
    registry.call("GET", "/v1/me", token=token[:-1], status=401)
