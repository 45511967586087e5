"""`treaty explain` on a call, from a snapshot file: each rule's word, offline."""

import json
import time

import pytest
from gateway_world import snapshot
from token_world import b64

from policies.snapshot import IssuerPlan

POLICY = b"policy: eu-only\nkind: require-claims\nspec: {require: {claim.region: [eu]}}"


@pytest.fixture
def file(here):
    (here / "snapshot.json").write_bytes(snapshot(POLICY).write())
    return "snapshot.json"


def explained(treaty, file, *more, operation="getProject"):
    result = treaty(
        "explain", "--application", "reader", "--operation", operation, "--snapshot", file,
        "--format", "json", *more,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    return {rule["kind"]: rule for rule in json.loads(result.stdout)["rules"]}


@pytest.mark.parametrize("operation", ["getProject", "psa.projects/getProject"])
def test_each_rule_has_its_word_and_its_place(treaty, file, operation):
    rules = explained(treaty, file, "--claim", "region=us", operation=operation)
    assert "condition-not-met" in rules["require-claims"]["decision"]
    source = rules["require-claims"]["source"]
    assert (source["policy"], source["file"], source["line"]) == ("eu-only", "policies.yaml", 1)
    assert rules["require-scope"]["decision"] == "passes"
    assert rules["mask"]["source"]["pointer"]


def test_a_claim_changes_the_decision(treaty, file):
    rules = explained(treaty, file, "--claim", "region=eu")
    assert rules["require-claims"]["decision"] == "passes"


def test_an_unknown_operation_is_named(treaty, file):
    result = treaty(
        "explain", "--application", "reader", "--operation", "nothing", "--snapshot", file
    )
    assert result.exit_code == 2
    assert "no contract has it" in result.stderr


ISSUER = IssuerPlan(
    name="own", issuer="https://issuer.example.com", audience="treaty", algorithms=("RS256",)
)
GOOD = {"iss": ISSUER.issuer, "aud": "treaty", "sub": "reader", "client_id": "reader", "jti": "1"}


def token(head=None, **claims):
    now = int(time.time())
    claims = {**GOOD, "iat": now - 5, "exp": now + 86_400, "scope": "projects.read", **claims}
    head = {"alg": "RS256", "typ": "at+jwt", "kid": "k", **(head or {})}
    return ".".join(
        [b64(json.dumps(head)), b64(json.dumps(claims)), b64(b"no signature of anybody")]
    )


def with_token(treaty, here, text, *more):
    trusted = snapshot(POLICY).model_copy(update={"issuers": (ISSUER,)}).sealed()
    (here / "trusted.json").write_bytes(trusted.write())
    (here / "token").write_text(text + "\n")
    return treaty(
        "explain", "--token", "token", "--operation", "getProject", "--contract", "psa.projects",
        "--snapshot", "trusted.json", "--claim", "region=eu", *more,
    )  # fmt: skip


def test_a_token_says_who_calls_and_with_what(treaty, here):
    result = with_token(treaty, here, token(), "--format", "json")
    told = json.loads(result.stdout)
    assert told["application"] == "reader"
    assert all(check["right"] for check in told["token"])
    assert {r["kind"]: r["decision"] for r in told["rules"]}["require-scope"] == "passes"
    assert "let through" in result.stderr


def test_a_token_without_the_scope_is_refused(treaty, here):
    told = json.loads(with_token(treaty, here, token(scope=""), "--format", "json").stdout)
    assert "scope-missing" in {r["kind"]: r["decision"] for r in told["rules"]}["require-scope"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("form", "a.b", "no compact JWS"),
        ("type", token({"typ": "JWT"}), "at+jwt"),
        ("issuer", token(iss="https://elsewhere.example"), "no issuer that"),
        ("algorithm", token({"alg": "HS256"}), "the issuer signs with RS256"),
        ("claims", token(aud="another"), "audience"),
        ("time", token(iat=1, exp=2), "it expired"),
        ("time", token(nbf=time.time() + 80_000), "it is valid in"),
        ("application", token(client_id="stranger"), "stranger is no application"),
    ],
)
def test_what_is_wrong_with_a_token(treaty, here, name, text, says):
    result = with_token(treaty, here, text)
    assert result.exit_code == 0
    assert says in " ".join((result.stdout + result.stderr).split())
    assert "refused (the token:" in " ".join(result.stderr.split())
    told = json.loads(with_token(treaty, here, text, "--format", "json").stdout)
    assert [check["name"] for check in told["token"] if not check["right"]] == [name]
