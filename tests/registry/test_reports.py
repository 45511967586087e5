"""Judgements over HTTP on SQLite and PostgreSQL: forms, permanent addresses, and what is kept."""

import json

import pytest
from registry_world import DATABASES, PSA, world

from contracts import library
from registry.services import reports

VERSIONS = "/v1/contracts/psa.projects/versions"
OLD = library.text("systems/psa.projects-1.4.0.yaml").decode()
NEXT = PSA.replace("version: 2.0.0", "version: 2.1.0").replace("A page", "A leaf")
BROKEN = PSA.replace("  /resources:\n", "  /people:\n", 1)


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


def judge(registry, content, query="", version="2.0.0", status=200, **more):
    path = f"{VERSIONS}/{version}/compatibility{query}"
    return registry.call("POST", path, {"content": content, **more}, status=status).json()


def listed(registry, query=""):
    path = f"/v1/contracts/psa.projects/reports{query}"
    return registry.call("GET", path, status=200).json()["items"]


def test_a_draft_is_judged_and_its_report_has_an_address(registry):
    judged = judge(registry, BROKEN)
    assert judged["verdict"] == "breaking"
    assert judged["history"][0]["version"] == "2.0.0"
    breaking = {f["fingerprint"] for f in judged["findings"] if f["level"] == "error"}
    assert set(judged["history"][0]["breaking"]) == breaking
    assert registry.call("GET", judged["permalink"], status=200).json() == judged


def test_the_same_question_is_answered_from_the_store(registry):
    first = judge(registry, BROKEN)
    assert judge(registry, BROKEN) == first
    assert len(listed(registry)) == 1
    moved = judge(registry, "# one line more\n" + BROKEN)
    assert moved["permalink"] != first["permalink"]
    assert moved["findings"][0]["new"]["line"] == first["findings"][0]["new"]["line"] + 1


def test_each_term_is_another_question(registry):
    links = {
        judge(registry, BROKEN, query)["permalink"]
        for query in ("", "?mode=forward", "?mode=none", "?policy=strict", "?consumer=portal")
    }
    assert len(links) == 5
    assert judge(registry, BROKEN, "?mode=none")["verdict"] == "compatible"


@pytest.mark.parametrize(
    ("form", "media", "words"),
    [
        ("json", "application/json", '"verdict": "breaking"'),
        ("markdown", "text/markdown", "operation-removed"),
        ("html", "text/html", "<!DOCTYPE html>"),
        ("sarif", "application/sarif+json", "2.1.0"),
        ("text", "text/plain", "operation-removed"),
        ("junit", "application/xml", "<testsuite"),
    ],
)
def test_a_report_has_many_forms(registry, form, media, words):
    link = judge(registry, BROKEN)["permalink"]
    asked = registry.call("GET", f"{link}?format={form}", status=200)
    accepted = registry.call("GET", link, status=200, Accept=f"image/png, {media};q=0.5, */*;q=0.1")
    for answer in (asked, accepted):
        assert answer.headers["content-type"].partition(";")[0] == media
        assert answer.headers["content-location"] == link
        assert words in answer.text


def test_a_form_that_is_not_offered_is_refused(registry):
    link = judge(registry, BROKEN)["permalink"]
    problem = registry.call("GET", link, status=406, Accept="image/png").json()
    assert problem["type"] == "urn:treaty:problem:not-acceptable"
    registry.call("GET", link, status=406, Accept="application/json;q=0")
    path = f"{VERSIONS}/2.0.0/changelog"
    registry.call("GET", path, status=406, Accept="application/sarif+json")
    registry.call("GET", f"{path}?format=sarif", status=422)


def test_two_versions_are_compared_and_told(registry):
    registry.call("POST", VERSIONS, {"content": NEXT}, status=201)
    registry.call("POST", VERSIONS, {"content": BROKEN, "version": "3.0.0"}, status=201)
    path = f"{VERSIONS}/latest"
    diff = registry.call("GET", f"{path}/diff", status=200).json()
    assert (diff["old_version"], diff["verdict"]) == ("2.1.0", "breaking")
    far = registry.call("GET", f"{path}/diff?against=2.0.0&format=text", status=200)
    assert "GET /resources" in far.text
    judged = registry.call("GET", f"{path}/compatibility?against=2.0.0", status=200).json()
    assert judged["history"][0]["version"] == "2.0.0"
    told = registry.call("GET", f"{path}/changelog?from=2.0.0&format=markdown", status=200)
    assert "### Breaking" in told.text
    sections = registry.call("GET", f"{path}/changelog", status=200).json()["sections"]
    assert sections[0]["kind"] == "breaking"
    registry.call("GET", f"{VERSIONS}/2.0.0/diff", status=404)
    registry.call("GET", f"{path}/diff?against=9.9.9", status=404)


def test_a_publication_keeps_its_report(registry, monkeypatch):
    monkeypatch.setattr(reports, "KEPT", 2)
    done = registry.call("POST", VERSIONS, {"content": NEXT}, status=201).json()
    published = listed(registry)[0]
    assert done["permalink"] == f"/v1/reports/{published['id']}"
    assert registry.call("GET", f"{VERSIONS}/latest").json()["permalink"] == done["permalink"]
    assert registry.call("GET", f"{VERSIONS}/2.0.0").json()["permalink"] is None
    assert (published["publication"], published["verdict"]) == ("2.1.0", "compatible")
    for day in range(4):
        judge(registry, f"# {day}\n{BROKEN}", version="latest")
    kept = listed(registry)
    assert [row["publication"] for row in kept] == [None, None, "2.1.0"]
    stored = registry.call("GET", f"/v1/reports/{published['id']}", status=200).json()
    assert stored["new_version"] == "2.1.0"
    registry.call("GET", f"/v1/reports/{'0' * 32}", status=404)


def test_reports_are_listed_in_pages(registry):
    for day in range(3):
        judge(registry, f"# {day}\n{BROKEN}")
    page = registry.call("GET", "/v1/contracts/psa.projects/reports?limit=2").json()
    rest = listed(registry, f"?limit=2&cursor={page['next']}")
    sequence = [row["seq"] for row in [*page["items"], *rest]]
    assert sequence == sorted(sequence, reverse=True)
    assert len(set(sequence)) == 3
    assert listed(registry, "?kind=diff") == []


def test_what_cannot_be_read_is_refused_and_not_stored(registry):
    assert judge(registry, "a: [", status=422)["type"].endswith("document-not-readable")
    assert judge(registry, "type: object", status=422)["type"].endswith("invalid-contract")
    judge(registry, BROKEN, "?profile=confluent", status=409)
    judge(registry, BROKEN, "?consumer=nobody", status=404)
    judge(registry, BROKEN, "?mode=sideways", status=422)
    assert listed(registry) == []


def test_only_readers_of_the_catalog_read_reports(registry):
    link = judge(registry, BROKEN)["permalink"]
    registry.call("GET", link, token=registry.gateway_token, status=403)
    registry.call(
        "POST", f"{VERSIONS}/2.0.0/compatibility", {"content": BROKEN},
        token=registry.gateway_token, status=403,
    )  # fmt: skip
    body = {"name": "reader", "role": "consumer", "team": "clients"}
    token = registry.call("POST", "/v1/tokens", body, status=201).json()["token"]
    registry.call("GET", link, token=token, status=200)


def test_a_hostile_text_is_text_in_every_form(registry):
    hostile = BROKEN.replace("  /people:\n", '  "/<script>alert(1)</script>":\n', 1)
    link = judge(registry, hostile, source="<img src=x>.yaml")["permalink"]
    page = registry.call("GET", f"{link}?format=html", status=200)
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert json.loads(registry.call("GET", f"{link}?format=sarif").text)["runs"]
