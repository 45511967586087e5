"""Linting over HTTP on SQLite and PostgreSQL: shipped rulesets, one's own, and what is refused."""

import pytest
from registry_world import DATABASES, PSA, world

LINT = "/v1/contracts/psa.projects/versions/2.0.0/lint"
OWN = """
rules:
  short-title:
    given: $.info.title
    message: "{{property}} is too long"
    severity: error
    then: {function: length, functionOptions: {max: 3}}
"""


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


def send(registry, body, query="", status=200):
    return registry.call("POST", LINT + query, body, status=status).json()


def test_a_version_is_linted_and_the_result_kept(registry):
    found = registry.call("GET", f"{LINT}?ruleset=treaty:governance", status=200).json()
    assert found["standing"]["level"] in ("none", "baseline", "silver", "gold")
    assert registry.call("GET", found["permalink"], status=200).json() == found
    registry.call("GET", f"{LINT}?ruleset=treaty:governance", status=200)
    listed = registry.call("GET", "/v1/contracts/psa.projects/reports?kind=lint").json()["items"]
    assert [row["ruleset"] for row in listed] == ["treaty:governance"]
    assert listed[0]["verdict"] == ("passes" if found["passes"] else "fails")
    registry.call("GET", f"{found['permalink']}?format=html", status=406)


def test_a_ruleset_of_ones_own_judges(registry):
    found = send(registry, {"rules": OWN})
    assert [finding["rule"] for finding in found["findings"]] == ["short-title"]
    assert found["findings"][0]["line"] > 0
    assert not found["passes"]
    short = PSA.replace("title: ", "title: PSA # ", 1)
    assert send(registry, {"rules": OWN, "content": short})["passes"]


@pytest.mark.parametrize(
    ("form", "media"),
    [
        ("text", "text/plain"),
        ("markdown", "text/markdown"),
        ("sarif", "application/sarif+json"),
        ("junit", "application/xml"),
    ],
)
def test_results_have_many_forms(registry, form, media):
    answer = registry.call("POST", f"{LINT}?format={form}", {"rules": OWN}, status=200)
    assert answer.headers["content-type"].partition(";")[0] == media
    assert "short-title" in answer.text


@pytest.mark.parametrize(
    ("body", "query", "status", "slug"),
    [
        ({"rules": "rules: 1"}, "", 422, "invalid-ruleset"),
        ({"rules": "extends: ./secret.yaml"}, "", 422, "invalid-ruleset"),
        ({"rules": "extends: ['/etc/passwd.yaml']"}, "", 422, "invalid-ruleset"),
        ({"rules": "a: ["}, "", 422, "document-not-readable"),
        ({"content": "a: ["}, "", 422, "document-not-readable"),
        ({"rules": OWN}, "?ruleset=treaty:governance", 422, "invalid-request"),
        ({}, "?ruleset=spectral:none", 422, "invalid-request"),
        ({}, "?format=html", 422, "invalid-request"),
    ],
)
def test_what_makes_no_sense_is_refused(registry, body, query, status, slug):
    assert send(registry, body, query, status)["type"] == f"urn:treaty:problem:{slug}"


def test_javascript_is_listed_and_not_skipped(registry):
    rules = "functions: [mine]\nrules: {a: {given: $, then: {function: mine}}}"
    assert send(registry, {"rules": rules})["unsupported"]


def test_only_readers_of_the_catalog_lint(registry):
    registry.call("GET", LINT, token=registry.gateway_token, status=403)
    registry.call("GET", LINT.replace("2.0.0", "9.9.9"), status=404)
