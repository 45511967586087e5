"""Runs cases/authenticate/: what binds a token, and what a refused caller is told."""

from pathlib import Path

import pytest
from psa_world import compiled

from contracts.errors import TreatyError
from contracts.formats import yaml
from policies.exchange import Certificate, Identity, NotYetError, Rejected
from policies.kinds.authenticate import Authenticate
from policies.snapshot import IssuerPlan

HERE = Path(__file__).parent / "cases" / "authenticate"
CASES = yaml.parse((HERE / "bindings.yaml").read_bytes(), source="bindings.yaml").root


def identity(**bound):
    return Identity("reader", frozenset({"projects.read"}), {}, **bound)


TOKENS = {
    "plain": identity(),
    "of-key": identity(jkt="K"),
    "of-certificate": identity(x5t="C"),
    "of-both": identity(jkt="K", x5t="C"),
    "away": Rejected("The issuer cannot be asked.", retry_seconds=7),
}
STALE = Rejected("The proof needs a current nonce.", error="use_dpop_nonce")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_bindings(case, world):
    accept = ", ".join(case.get("accept", ["bearer", "api-key"]))
    governed = world(f"policy: who\nkind: authenticate\nspec: {{accept: [{accept}]}}".encode())
    governed.ports.tokens |= TOKENS
    governed.ports.proofs |= {"proof": None, "stale": STALE}
    for _ in range(case.get("times", 1)):
        exchange, rule = asked(case, governed)
        denial = rule.on_request(exchange, governed.ports)
    if "slug" not in case:
        assert denial is None
        assert exchange.application == "reader"
        assert exchange.scopes == {"projects.read"}
        assert exchange.credential == case.get("credential", "bearer")
        return
    assert exchange.application is None
    assert denial.problem.type.slug == case["slug"]
    assert case.get("says", "") in denial.problem.detail
    fields = [value for name, value in denial.headers if name == "WWW-Authenticate"]
    assert fields == case.get("fields", fields)
    assert bool(fields) == (denial.problem.type.status == 401)
    assert dict(denial.headers).get("DPoP-Nonce") == case.get("nonce")
    assert dict(denial.headers).get("Retry-After") == case.get("retry")


def asked(case, governed):
    token = case.get("token", "plain")
    headers = {"authorization": f"{case.get('scheme', 'Bearer')} {token}"} if token else {}
    headers |= {"dpop": case["proof"]} if "proof" in case else {}
    exchange = governed.exchange("getProject", headers)
    exchange.query = case.get("query", "")
    if "certificate" in case:
        exchange.certificate = Certificate(case["certificate"])
    rules = {rule.kind: enforcer for rule, enforcer in governed.rules(exchange)}
    return exchange, rules["authenticate"]


def test_the_proof_is_asked_about_the_whole_address(world):
    governed = world(
        b"policy: who\nkind: authenticate\n"
        b"spec: {accept: [dpop], public_url: 'https://api.example.com', proof_nonce: true}"
    )
    governed.ports.tokens |= TOKENS
    seen = []
    governed.ports.check_proof = seen.append
    exchange, rule = asked({"scheme": "DPoP", "token": "of-key", "proof": "p"}, governed)
    exchange.path = "/projects/P-1"
    assert rule.on_request(exchange, governed.ports) is None
    (proof,) = seen
    assert proof.url == "https://api.example.com/psa/projects/v2/projects/P-1"
    assert (proof.text, proof.method, proof.token, proof.jkt) == ("p", "GET", "of-key", "K")
    assert proof.nonce
    assert proof.window_seconds == 60


def test_a_rule_that_waits_does_not_decide(world):
    def wait(*_):
        raise NotYetError(lambda: None)

    governed = world()
    governed.ports.verify_token = wait
    exchange, rule = asked({}, governed)
    with pytest.raises(NotYetError):
        rule.on_request(exchange, governed.ports)
    assert exchange.application is None
    assert isinstance(rule, Authenticate)


def test_only_these_issuers(world):
    governed = world()
    wanted = []
    governed.ports.verify_token = lambda *facts: wanted.append(facts) or TOKENS["plain"]
    settings = governed.snapshot.contracts[0].operations[0].rules
    (rule,) = (r for r in settings if r.kind == "authenticate")
    exchange, _ = asked({}, governed)
    Authenticate(rule.settings | {"issuers": ["a", "b"]}).on_request(exchange, governed.ports)
    assert wanted == [("plain", 60, frozenset({"a", "b"}))]


def plan(name="idp", **facts):
    defaults = {"issuer": f"https://{name}.example.com", "audience": "a", "algorithms": ("RS256",)}
    return IssuerPlan(name=name, **(defaults | {"jwks_uri": "https://idp.example.com/k"} | facts))


ASKED = {"endpoint": "https://idp.example.com/i", "client_id": "gateway", "secret": "idp"}
RSA = {"kty": "RSA", "n": "_" * 341 + "w", "e": "AQAB"}
REFUSED = {
    "no way to keys": ([plan(jwks_uri=None)], "no usable key"),
    "keys of no use": ([plan(jwks_uri=None, jwks={"keys": [RSA | {"use": "enc"}]})], "no usable"),
    "a private key": ([plan(jwks_uri=None, jwks={"keys": [RSA | {"d": "AQ"}]})], "no usable key"),
    "a short key": ([plan(jwks_uri=None, jwks={"keys": [RSA | {"n": "_" * 170 + "8"}]})], "no usable"),
    "a set that is a list": ([plan(jwks={"keys": {}})], "list"),
    "no algorithm": ([plan(algorithms=())], "empty"),
    "the algorithm none": ([plan(algorithms=("none",))], "no algorithm"),
    "a symmetric algorithm": ([plan(algorithms=("RS256", "HS256"))], "HS256"),
    "keys over http": ([plan(jwks_uri="http://idp.example.com/k")], "jwks_uri"),
    "keys over http on a name like localhost": ([plan(jwks_uri="http://localhost.evil.example/")], "https"),
    "keys in a file": ([plan(jwks_uri="file:///etc/keys")], "https"),
    "an address with a password": ([plan(jwks_uri="https://a:b@idp.example.com/")], "https"),
    "discovery over http": ([plan(discovery="http://10.0.0.1/")], "discovery"),
    "introspection over http": ([plan(introspection=ASKED | {"endpoint": "http://10.0.0.1/"})], "introspection"),
    "a secret by path": ([plan(introspection=ASKED | {"secret": "../etc"})], "names a secret"),
    "no audience": ([plan(audience="")], "audience"),
    "a name twice": ([plan(), plan(issuer="https://x.example.com")], "name stands twice"),
    "an issuer twice": ([plan(), plan("b", issuer="https://idp.example.com")], "same identifier"),
    "a name that is none": ([plan("A B")], "a name like"),
}  # fmt: skip


@pytest.mark.parametrize(("plans", "says"), REFUSED.values(), ids=REFUSED)
def test_issuers_that_are_refused(plans, says):
    with pytest.raises(TreatyError) as refused:
        compiled(issuers=tuple(plans))
    assert refused.value.problem.type.slug == "invalid-issuer"
    assert says in refused.value.problem.detail


def test_keys_that_are_of_no_use_are_left_out_with_a_warning():
    keys = [RSA | {"kid": "good"}, RSA | {"d": "AQ"}, {"kty": "oct", "k": "AQ"}, "key"]
    done = compiled(issuers=(plan(jwks={"keys": keys}),))
    assert done.snapshot.issuers[0].jwks == {"keys": keys[:1]}
    assert sum("is left out" in warning for warning in done.warnings) == 3
    assert b'"d"' not in done.snapshot.write()


def test_loopback_needs_no_https():
    for host in ("127.0.0.1:80", "localhost", "[::1]:1"):
        assert compiled(issuers=(plan(jwks_uri=f"http://{host}/k"),)).snapshot.issuers


def test_rules_name_known_issuers():
    who = b"policy: who\nkind: authenticate\nspec: {issuers: [idp, gone]}"
    with pytest.raises(TreatyError) as refused:
        compiled(who, issuers=(plan(),))
    problem = refused.value.problem
    assert problem.type.slug == "invalid-policy"
    assert "'gone'" in problem.detail
    assert problem.errors[0].line == 1


def test_opaque_tokens_are_told_to_one_issuer_only():
    both = (plan(introspection=ASKED), plan("two", introspection=ASKED))
    with pytest.raises(TreatyError) as refused:
        compiled(issuers=both)
    assert "both introspect" in refused.value.problem.detail
    assert compiled(b"policy: who\nkind: authenticate\nspec: {issuers: [two]}", issuers=both)
