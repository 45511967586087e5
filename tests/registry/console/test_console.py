"""The console's pages: empty, filled, hostile titles, and nothing from outside."""

import re

import pytest
from registry_world import DATABASES, world
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


def test_titles_are_text(registry, visitor):
    registry.seed()
    hostile = "<script>alert(1)</script>\"'&"
    body = {"name": "evil", "title": hostile, "owner": "delivery"}
    registry.call("POST", "/v1/services", body, status=201)
    page = visitor.get("/")
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


def test_nothing_comes_from_elsewhere(registry, visitor):
    for path in ("/", "/login", "/static/console.css"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert re.findall(r"https?://(?!127\.0\.0\.1)[^\s\"')]+", answer.text) == []
    assert "default-src 'none'" in visitor.get("/").headers["content-security-policy"]


def test_signed_out_goes_to_the_sign_in_page(registry):
    stranger = TestClient(registry.app, follow_redirects=False)
    assert stranger.get("/").headers["location"] == "/login"
    assert "one-time link" in stranger.get("/login").text
