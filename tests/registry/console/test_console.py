"""The console's pages: empty, filled, hostile titles, and nothing from outside."""

import re

import pytest
from registry_world import DATABASES, PSA, world
from sqlalchemy import text
from starlette.testclient import TestClient

from registry.services.bootstrap import bootstrap


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running


@pytest.fixture
def visitor(registry):
    client = TestClient(registry.app)
    client.get(bootstrap(registry.parts)["login_path"])
    return client


def test_empty_says_what_to_do(visitor):
    page = visitor.get("/").text
    assert "No service yet" in page
    assert page.count("treaty ") >= 3


def test_a_contract_shows_its_life(registry, visitor):
    registry.seed()
    state = {"state": "deprecated", "sunset_at": "2030-01-31T00:00:00Z"}
    registry.call("POST", "/v1/contracts/psa.projects/versions/2.0.0/state", state, status=200)
    catalog, page = visitor.get("/").text, visitor.get("/contracts/psa.projects").text
    assert 'href="/contracts/psa.projects"' in catalog
    for words in ("2.0.0", "deprecated", "2030-01-31", "/psa/projects/v2", "Nobody has asked yet"):
        assert words in page
    assert visitor.get("/contracts/no.such").status_code == 404


def test_a_version_shows_the_report_of_its_publication(registry, visitor):
    registry.seed()
    broken = PSA.replace("  /resources:\n", "  /people:\n", 1)
    body = {"content": broken, "version": "3.0.0"}
    registry.call("POST", "/v1/contracts/psa.projects/versions", body, status=201)
    page = visitor.get("/contracts/psa.projects/versions/3.0.0").text
    for words in ("Breaking", "operation-removed", "Witness: a request", "way out", "2.0.0"):
        assert words in page
    link = re.search(r'href="(/v1/reports/[0-9a-f]{32}\?format=html)"', page)[1]
    assert visitor.get(link).text.startswith("<!DOCTYPE html>")
    assert "first version" in visitor.get("/contracts/psa.projects/versions/2.0.0").text
    assert visitor.get("/contracts/psa.projects/versions/9.9.9").status_code == 404
    contract = visitor.get("/contracts/psa.projects").text
    assert 'href="/contracts/psa.projects/versions/3.0.0"' in contract
    assert "containment" in contract


def test_a_report_of_a_strangers_document_is_text(registry, visitor):
    registry.seed()
    hostile = PSA.replace("  /resources:\n", "  '/<script>alert(1)</script>`':\n", 1)
    body = {"content": hostile, "version": "3.0.0", "source": "<img src=x>.yaml"}
    registry.call("POST", "/v1/contracts/psa.projects/versions", body, status=201)
    page = visitor.get("/contracts/psa.projects/versions/3.0.0").text
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_waivers_show_who_and_until_when(registry, visitor):
    assert "No waiver yet" in visitor.get("/waivers").text
    registry.seed()
    body = {"contract": "psa.projects", "rule": "operation-removed", "pointer": "/paths/*/get",
            "reason": "Nobody calls <b>it</b>", "expires": "2999-01-31"}  # fmt: skip
    waiver = registry.call("POST", "/v1/waivers", body, status=201).json()
    page = visitor.get("/waivers").text
    for words in ("2999-01-31", "requested", "delivery", "&lt;b&gt;", waiver["id"]):
        assert words in page
    assert ">1 waiver<" in visitor.get("/contracts/psa.projects").text
    with registry.parts.engine.begin() as connection:
        connection.execute(text("UPDATE waivers SET state = 'approved', expires = '2020-01-01'"))
    assert "It stops every publication" in visitor.get("/waivers").text


def test_titles_are_text(registry, visitor):
    registry.seed()
    hostile = "<script>alert(1)</script>\"'&"
    body = {"name": "evil", "title": hostile, "owner": "delivery"}
    registry.call("POST", "/v1/services", body, status=201)
    page = visitor.get("/")
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


def test_nothing_comes_from_elsewhere(registry, visitor):
    for path in ("/", "/waivers", "/login", "/static/console.css"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert re.findall(r"https?://(?!127\.0\.0\.1)[^\s\"')]+", answer.text) == []
    assert "default-src 'none'" in visitor.get("/").headers["content-security-policy"]


def test_signed_out_goes_to_the_sign_in_page(registry):
    stranger = TestClient(registry.app, follow_redirects=False)
    for path in ("/", "/waivers", "/contracts/psa.projects/versions/2.0.0"):
        assert stranger.get(path).headers["location"] == "/login"
    assert "one-time link" in stranger.get("/login").text
