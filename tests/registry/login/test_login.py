"""People signing in: links that work once, sessions, other sites, and OpenID Connect."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from registry_world import DATABASES, world
from starlette.testclient import TestClient

from registry.auth import COOKIE
from registry.services.bootstrap import bootstrap


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running


def browser(registry):
    return TestClient(registry.app, follow_redirects=False, raise_server_exceptions=False)


def link(registry):
    return bootstrap(registry.parts)["login_path"]


def test_a_link_works_once(registry):
    path, visitor = link(registry), browser(registry)
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    flags = answer.headers["set-cookie"]
    assert "HttpOnly" in flags
    assert "SameSite=lax" in flags
    assert visitor.get("/").status_code == 200
    spent = browser(registry).get(path)
    assert spent.status_code == 410
    assert "has been used" in spent.text
    assert COOKIE not in spent.cookies


def test_of_two_browsers_one_gets_in(registry):
    path = link(registry)
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: browser(registry).get(path).status_code, range(4)))
    assert sorted(statuses) == [303, 410, 410, 410]


def test_signed_out_means_out(registry):
    visitor = browser(registry)
    visitor.get(link(registry))
    cookie = visitor.cookies[COOKIE]
    assert visitor.post("/logout").headers["location"] == "/login"
    again = browser(registry)
    again.cookies.set(COOKIE, cookie)
    assert again.get("/").headers["location"] == "/login"


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 403), ("https://evil.example", 403), ("http://testserver", 201)],
)
def test_a_browser_writes_from_this_site_only(registry, origin, status):
    visitor = browser(registry)
    visitor.get(link(registry))
    headers = {"Origin": origin} if origin else {}
    answer = visitor.post("/v1/teams", json={"name": "a", "title": "A"}, headers=headers)
    assert answer.status_code == status


class Provider:
    """An OpenID provider on loopback; `twist` breaks its tokens in one way."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "k", "use": "sig", "alg": "RS256"})
        self.nonce, self.twist = "", {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(provider.document(self.path))

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer({"access_token": "x", "id_token": provider.token()})

            def answer(self, body):
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def document(self, path):
        if path == "/jwks":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/jwks"}  # fmt: skip

    def token(self):
        now = int(time.time())
        claims = {"iss": self.url, "aud": "treaty", "sub": "subject-1", "exp": now + 60, "iat": now,
                  "nonce": self.nonce, "name": "Finance lead", "email": "finance.lead@example.com",
                  "email_verified": True} | self.twist  # fmt: skip
        return jwt.encode({"alg": "RS256", "kid": "k"}, claims, self.key)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def provider(registry):
    running = Provider()
    settings = registry.parts.settings
    settings.oidc_issuer, settings.oidc_client_id = running.url, "treaty"
    settings.oidc_client_secret = SecretStr("s")
    yield running
    running.close()


def walk(registry, provider, state=None):
    visitor = browser(registry)
    started = visitor.get("/login/oidc")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(started.headers["location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    provider.nonce = asked["nonce"]
    return visitor, visitor.get(f"/login/oidc/callback?code=c&state={state or asked['state']}")


def test_oidc_signs_a_person_in_and_knows_them_again(registry, provider):
    for _ in range(2):
        visitor, answer = walk(registry, provider)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert visitor.get("/v1/me").json()["role"] == "consumer"
    people = registry.call("GET", "/v1/people").json()["items"]
    assert [person["name"] for person in people].count("Finance lead") == 1


@pytest.mark.parametrize(
    "twist",
    [
        {"iss": "https://other.example"},
        {"aud": "other"},
        {"exp": 1},
        {"nonce": "other"},
        {"sub": None},
    ],
    ids=str,
)
def test_oidc_refuses_tokens_that_are_not_for_us(registry, provider, twist):
    provider.twist = twist
    visitor, answer = walk(registry, provider)
    assert answer.status_code == 401
    assert COOKIE not in visitor.cookies


def test_oidc_refuses_a_sign_in_that_was_not_started_here(registry, provider):
    assert walk(registry, provider, state="other")[1].status_code == 401
    assert browser(registry).get("/login/oidc/callback?code=c&state=s").status_code == 401


def test_oidc_says_when_the_provider_is_away(registry):
    assert browser(registry).get("/login/oidc").status_code == 404
    registry.parts.settings.oidc_issuer = "http://127.0.0.1:9"
    registry.parts.settings.oidc_client_id = "treaty"
    answer = browser(registry).get("/login/oidc")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
