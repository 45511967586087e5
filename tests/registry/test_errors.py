"""One error shape on every route of the registry."""

import pytest
from registry_world import world


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    with world("sqlite", tmp_path_factory.mktemp("registry")) as running:
        yield running


def routes(registry):
    for path, item in registry.client.get("/openapi.json").json()["paths"].items():
        for method in item:
            yield method.upper(), path


def filled(path):
    for name, value in {"{version}": "1.0.0", "{contract}": "a.b"}.items():
        path = path.replace(name, value)
    return "/".join("0" * 16 if part.startswith("{") else part for part in path.split("/"))


def check(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    assert body["type"].startswith("urn:treaty:problem:")


def test_every_route_asks_who_calls(registry):
    public = ("/oauth/", "/.well-known", "/healthz", "/readyz")
    asked = [(m, p) for m, p in routes(registry) if not p.startswith(public)]
    assert len(asked) > 50
    for method, path in asked:
        answer = registry.client.request(method, filled(path), json={})
        if answer.status_code != 422:  # path parameters are looked at first
            check(answer, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/nothing", None, {}, 404),
        ("DELETE", "/v1/teams", None, {}, 405),
        ("POST", "/v1/teams", b"{", {"Content-Type": "application/json"}, 400),
        ("POST", "/v1/teams", b'{"name": "a"}', {"Content-Type": "application/json"}, 422),
        ("POST", "/v1/teams", b'{"name":"a","title":"t","x":1}', {"Content-Type": "application/json"}, 422),
        ("POST", "/v1/teams", b'{"name":"A b","title":"t"}', {"Content-Type": "application/json"}, 422),
        ("POST", "/v1/teams", b'{"name":"a","title":"\\u0000"}', {"Content-Type": "application/json"}, 422),
        ("GET", "/v1/teams?limit=0", None, {}, 422),
        ("GET", "/v1/teams?limt=1", None, {}, 422),
        ("GET", "/v1/teams/nobody", None, {}, 404),
        ("POST", "/v1/teams", b"x" * 27_000_000, {"Content-Type": "application/json"}, 413),
    ],
)  # fmt: skip
def test_bad_requests(registry, method, path, body, headers, status):
    sent = {"Authorization": f"Bearer {registry.token}"} | headers
    answer = registry.client.request(method, path, content=body, headers=sent)
    check(answer, status)
    if status == 405:
        assert answer.headers["allow"] == "GET, POST"


def test_an_unexpected_failure_says_nothing_of_the_inside(registry, monkeypatch, caplog):
    from registry.services import catalog

    def fail(*_):
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(catalog, "create_team", fail)
    answer = registry.call("POST", "/v1/teams", {"name": "a", "title": "t"})
    check(answer, 500)
    assert "hunter2" not in answer.text
