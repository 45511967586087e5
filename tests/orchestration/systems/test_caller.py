"""Calls of operations against a real server: validated both ways, classified, signed in, limited."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flow_world import contract, erp_server

from orchestration.interpreter import Request
from orchestration.systems.caller import System
from orchestration.systems.settings import SystemSettings

GET = Request("erp.getCustomer", {"reference": "C 1/2"})
PUT = Request("erp.upsertCustomer", {"reference": "C1"}, {"name": "Acme"})
POST = Request("erp.createInvoice", {}, {"customer": "C1", "total": "1.00"}, "key 1")


@pytest.fixture
def erp():
    with erp_server() as (erp, url):
        erp.url = url
        yield erp


@pytest.fixture
def system():
    """Makes systems, and closes them at the end."""
    made = []

    def make(url, **settings):
        given = SystemSettings(base_url=url, **settings)
        made.append(System("erp", contract(), given, draw=lambda: 0.25))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_what_is_asked_and_what_comes_back(system, erp):
    made = system(erp.url)
    assert made.call(GET).value == {"id": "CUS-C 1/2"}
    assert made.call(PUT).value == {"id": "CUS-C1"}
    assert made.call(POST).value == {"id": "INV-key 1"}
    assert made.call(POST).value == {"id": "INV-key 1"}


@pytest.mark.parametrize(
    ("status", "headers", "category", "retry"),
    [
        (400, {}, "validation", None), (401, {}, "permission", None), (403, {}, "permission", None),
        (404, {}, "validation", None), (409, {}, "conflict", None), (412, {}, "conflict", None),
        (422, {}, "validation", None), (429, {"Retry-After": "7"}, "transient", 7.0),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "transient", None),
        (500, {}, "outage", None), (503, {"Retry-After": "999999"}, "transient", 86_400.0),
        (418, {}, "bug", None), (302, {"Location": "http://127.0.0.1:1/"}, "bug", None),
    ],
)  # fmt: skip
def test_refusals_are_sorted_by_what_to_do(system, erp, status, headers, category, retry):
    erp.troubles = [(status, headers)]
    failure = system(erp.url).call(GET).failure
    assert (failure.category, failure.retry_seconds, failure.jitter) == (category, retry, 0.25)
    assert failure.missing == (status == 404)
    assert str(status) in failure.sentence


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request("erp.getCustomer", {}), "/path/reference this parameter is required"),
        (Request("erp.getCustomer", {"reference": "C", "x": 1}), "/x the operation has no such parameter"),
        (Request("erp.upsertCustomer", {"reference": "C"}), "/body a body is required"),
        (Request("erp.upsertCustomer", {"reference": "C"}, {"name": 7}), "/body/name breaks `type`"),
        (Request("erp.createInvoice", {}, {"customer": "C", "total": "1"}, "k"), "/body/total breaks `pattern`"),
        (Request("erp.createInvoice", {}, {"customer": "C", "total": "1.00"}), "/header/Idempotency-Key"),
        (Request("erp.nothing", {}), "no operation of the contract"),
    ],
)  # fmt: skip
def test_a_call_that_breaks_the_contract_never_leaves(system, erp, request_, said):
    failure = system(erp.url).call(request_).failure
    assert failure.category in ("mapping", "bug")
    assert said in failure.sentence
    assert erp.asked == []


def test_a_system_that_is_away_rests_after_several_failures(system):
    made = system("http://127.0.0.1:9")
    failures = [made.call(GET).failure for _ in range(6)]
    assert {failure.category for failure in failures} == {"outage"}
    assert "does not answer" in failures[0].sentence
    assert "rests" in failures[5].sentence
    assert failures[5].retry_seconds > 0


def test_a_rate_delays_and_then_refuses(system, erp):
    made = system(erp.url, limit={"per_second": 0.5, "burst": 2, "concurrent": 2})
    outcomes = [made.call(GET) for _ in range(3)]
    assert [outcome.failure is None for outcome in outcomes] == [True, True, False]
    assert outcomes[2].failure.category == "transient"
    assert 0 < outcomes[2].failure.retry_seconds <= 2


class Login(BaseHTTPRequestHandler):
    """Gives tokens in every style, and takes them back: a call needs the newest one."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.logins.append((self.path, body.decode()))
            token = f"t{len(self.server.logins)}"
        answer = (
            {"token": token}
            if self.path == "/session"
            else {"access_token": token, "expires_in": 900}
        )
        self.reply(200, {"session": answer} if self.path == "/nested" else answer)

    def do_GET(self):
        self.server.seen.append(self.headers.get("Authorization"))
        with self.server.lock:
            fresh = f"t{len(self.server.logins)}"
        known = self.headers.get("Authorization", "").rpartition(" ")[2]
        good = known == fresh and fresh not in self.server.revoked
        self.reply(200 if good or self.server.open else 401, {"id": "C"})

    def reply(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def login():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Login)
    server.lock, server.logins, server.seen = threading.Lock(), [], []
    server.revoked, server.open = set(), False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("s3cret\n")
    return {"file": str(path)}


def test_basic_and_bearer(system, login, secret):
    login.open = True
    system(login.url, auth={"style": "basic", "user": "kim@example.com", "password": secret}).call(
        GET
    )
    system(login.url, auth={"style": "bearer", "token": secret}).call(GET)
    assert login.seen == ["Basic a2ltQGV4YW1wbGUuY29tOnMzY3JldA==", "Bearer s3cret"]


def test_a_token_is_kept_and_renewed_when_it_is_revoked(system, login, secret):
    auth = {"style": "client-credentials", "token_url": f"{login.url}/token", "client_id": "treaty",
            "client_secret": secret, "scope": "api"}  # fmt: skip
    made = system(login.url, auth=auth)
    assert [made.call(GET).value for _ in range(2)] == [{"id": "C"}] * 2
    assert len(login.logins) == 1
    assert "grant_type=client_credentials" in login.logins[0][1]
    login.revoked.add("t1")
    assert made.call(GET).value == {"id": "C"}
    assert len(login.logins) == 2


def test_a_refusal_that_a_new_token_does_not_heal_is_told(system, login, secret):
    login.revoked |= {f"t{number}" for number in range(9)}
    auth = {
        "style": "refresh-token",
        "token_url": f"{login.url}/token",
        "client_id": "treaty",
        "refresh_token": secret,
    }
    assert system(login.url, auth=auth).call(GET).failure.category == "permission"
    assert len(login.logins) == 2


def test_a_session_login(system, login, secret):
    auth = {
        "style": "session",
        "login_url": f"{login.url}/session",
        "user": "treaty",
        "password": secret,
    }
    assert system(login.url, auth=auth).call(GET).value == {"id": "C"}
    assert login.seen == ["Session t1"]


def test_a_session_login_in_the_systems_own_words(system, login, secret):
    auth = {
        "style": "session", "login_url": f"{login.url}/nested", "user": "treaty", "password": secret,
        "user_field": "UserName", "password_field": "Password", "also": {"CompanyDB": "FIRM"},
        "token_pointer": "/session/access_token", "prefix": "B1SESSION=",
    }  # fmt: skip
    login.open = True
    assert system(login.url, auth=auth).call(GET).value == {"id": "C"}
    ((_, body),) = login.logins
    given = json.loads(body)
    assert (given["CompanyDB"], given["UserName"], sorted(given)) == (
        "FIRM", "treaty", ["CompanyDB", "Password", "UserName"],
    )  # fmt: skip
    assert login.seen == ["B1SESSION=t1"]


def test_a_signed_assertion(system, login, tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    auth = {"style": "jwt-bearer", "token_url": f"{login.url}/token", "issuer": "treaty",
            "subject": "kim@example.com", "audience": "https://login.example.com",
            "key": {"file": str(tmp_path / "key.pem")}}  # fmt: skip
    assert system(login.url, auth=auth).call(GET).value == {"id": "C"}
    assertion = dict(pair.split("=") for pair in login.logins[0][1].split("&"))["assertion"]
    claims = jwt.decode(
        assertion, key.public_key(), ["RS256"], audience="https://login.example.com"
    )
    assert (claims["iss"], claims["sub"]) == ("treaty", "kim@example.com")
    assert claims["exp"] <= time.time() + 200


def test_a_secret_that_is_not_there_is_named_but_never_shown(system, login):
    auth = {"style": "bearer", "token": {"env": "TREATY_TEST_NOWHERE"}}
    failure = system(login.url, auth=auth).call(GET).failure
    assert failure.category == "permission"
    assert "TREATY_TEST_NOWHERE" in failure.sentence
