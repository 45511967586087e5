"""The token issuer as clients meet it: grants, refusals, introspection, revocation, rotation."""

import base64
import stat
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from jwt import PyJWKSet
from registry_world import DATABASES, world
from sqlalchemy import select

from registry.db.engine import transaction
from registry.db.models import SigningKey
from registry.db.orm import Base
from registry.issuer import keys
from registry.issuer.routes import ISSUER
from registry.services.work import Work

GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        running.seed()
        running.secret = secret(running)
        body = {"application": "portal", "contract": "psa.projects", "plan": "small",
                "environment": "demo", "scopes": ["projects.read", "projects.write"]}  # fmt: skip
        made = running.call("POST", "/v1/grants", body, status=201).json()
        running.call("POST", f"/v1/grants/{made['id']}/approve", status=200)
        running.grant = made["id"]
        yield running


def secret(running, **more):
    body = {"kind": "client-secret"} | more
    made = running.call("POST", "/v1/applications/portal/credentials", body, status=201).json()
    running.credential = made["id"]
    return made["secret"]


def ask(registry, endpoint="token", auth=True, **form):
    basic = ("portal", registry.secret) if auth is True else auth
    return registry.client.post(f"/oauth/{endpoint}", data=form, auth=basic or None)


def test_a_token_is_what_rfc_9068_says(registry):
    answer = ask(registry, **GRANT)
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    key_set = PyJWKSet.from_dict(registry.client.get("/oauth/jwks.json").json())
    header = jwt.get_unverified_header(body["access_token"])
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    key = next(key for key in key_set.keys if key.key_id == header["kid"])
    claims = jwt.decode(
        body["access_token"], key, algorithms=["RS256"], audience="treaty-gateway",
        issuer="http://127.0.0.1:8800",
        options={"require": ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]},
    )  # fmt: skip
    assert claims["sub"] == claims["client_id"] == "portal"
    assert claims["scope"] == body["scope"] == "projects.read projects.write"


@pytest.mark.parametrize(
    ("form", "auth", "status", "error"),
    [
        (GRANT | {"scope": "projects.read"}, True, 200, None),
        (GRANT | {"scope": "projects.costs"}, True, 400, "invalid_scope"),
        (GRANT, ("portal", "wrong"), 401, "invalid_client"),
        (GRANT, ("nobody", "wrong"), 401, "invalid_client"),
        (GRANT, None, 401, "invalid_client"),
        ({"grant_type": "password"}, True, 400, "unsupported_grant_type"),
        ({}, None, 400, "invalid_request"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, True, 400, "invalid_request"),
    ],
)  # fmt: skip
def test_requests(registry, form, auth, status, error):
    answer = ask(registry, auth=auth, **form)
    assert (answer.status_code, answer.json().get("error")) == (status, error)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_secret_may_come_in_the_body(registry):
    form = GRANT | {"client_id": "portal", "client_secret": registry.secret}
    assert ask(registry, auth=None, **form).status_code == 200


def test_a_revoked_secret_is_dead_and_a_second_one_lives(registry):
    old, credential = registry.secret, registry.credential
    registry.secret = secret(registry)
    registry.call("DELETE", f"/v1/applications/portal/credentials/{credential}", status=204)
    assert ask(registry, auth=("portal", old), **GRANT).status_code == 401
    assert ask(registry, **GRANT).status_code == 200


def test_a_revoked_grant_takes_its_scopes_away(registry):
    registry.call("POST", f"/v1/grants/{registry.grant}/revoke", status=200)
    assert ask(registry, **GRANT).json()["scope"] == ""


def test_introspection_and_revocation(registry):
    token = ask(registry, **GRANT).json()["access_token"]
    assert ask(registry, "introspect", token=token).json()["active"] is True
    for other in ("nonsense", token[:-4] + "AAAA"):
        assert ask(registry, "introspect", token=other).json() == {"active": False}
    assert ask(registry, "introspect", auth=None, token=token).status_code == 401
    assert ask(registry, "revoke", token="nonsense").status_code == 200
    assert ask(registry, "revoke", token=token).status_code == 200
    assert ask(registry, "introspect", token=token).json() == {"active": False}


def test_another_clients_token_is_none_of_ones_business(registry):
    token = ask(registry, **GRANT).json()["access_token"]
    registry.call(
        "POST", "/v1/applications", {"id": "other", "name": "O", "team": "clients"}, status=201
    )
    made = registry.call(
        "POST", "/v1/applications/other/credentials", {"kind": "client-secret"}
    ).json()
    other = ("other", made["secret"])
    assert ask(registry, "introspect", auth=other, token=token).json() == {"active": False}
    assert ask(registry, "revoke", auth=other, token=token).status_code == 200
    assert ask(registry, "introspect", token=token).json()["active"] is True


def test_guessing_is_bounded_and_others_are_not_hurt(registry):
    statuses = [ask(registry, auth=("nobody", "x"), **GRANT).status_code for _ in range(25)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert ask(registry, **GRANT).status_code == 200


def test_a_new_key_is_published_before_it_signs(registry):
    before = ask(registry, **GRANT).json()["access_token"]
    rotated = registry.call("POST", "/v1/issuer/keys/rotate", status=201).json()["kid"]
    published = {key["kid"] for key in registry.client.get("/oauth/jwks.json").json()["keys"]}
    in_snapshot = {key["kid"] for key in registry.snapshot()["issuers"][0]["jwks"]["keys"]}
    assert rotated in published == in_snapshot
    assert jwt.get_unverified_header(before)["kid"] in published
    assert (
        jwt.get_unverified_header(ask(registry, **GRANT).json()["access_token"])["kid"] != rotated
    )
    with transaction(registry.parts.engine, writes=False) as session:
        later = Work(
            session, ISSUER, registry.parts.issuer, clock=_in(keys.LEAD + timedelta(seconds=1))
        )
        assert keys.signing(later, registry.parts.keyring).kid == rotated


def _in(delta):
    return lambda: datetime.now(UTC) + delta


def test_no_secret_lies_in_the_database(registry):
    folder = registry.parts.settings.data_dir
    assert stat.S_IMODE((folder / "issuer.key").stat().st_mode) == 0o600
    ask(registry, **GRANT)
    stored = []
    with registry.parts.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            stored += [repr(tuple(row)) for row in connection.execute(table.select())]
        (sealed,) = connection.execute(select(SigningKey.sealed)).one()
    everything = "\n".join(stored)
    assert registry.secret not in everything
    assert registry.token.rpartition("_")[2] not in everything
    assert b'"d"' not in base64.b64decode(sealed)


def test_metadata(registry):
    found = registry.client.get("/.well-known/oauth-authorization-server").json()
    assert found["issuer"] == "http://127.0.0.1:8800"
    assert found["grant_types_supported"] == ["client_credentials"]
    assert found["token_endpoint"].startswith(found["issuer"])
