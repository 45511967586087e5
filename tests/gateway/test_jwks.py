"""Keys of external issuers over real sockets: found, rotated, kept over faults, forgotten in time."""

import asyncio
import itertools
import json
import logging

import pytest
from gateway_world import RawServer, response, until
from psa_world import NOW
from token_world import ISSUER, jwk, token, verifier

from gateway.trust import Trust
from policies.exchange import Identity, NotYetError, Rejected
from policies.snapshot import IssuerPlan

JSON = "Content-Type: application/json"


def jwks(*names):
    return json.dumps({"keys": [jwk(name) for name in names]}).encode()


class Idp:
    """An issuer on loopback: `jwks` answers for its keys, `metadata` for its discovery."""

    def __init__(self):
        self.jwks = lambda: response(200, jwks("P-256"), JSON)
        self.metadata = lambda: response(200, self.described(), JSON)
        self.asked = 0
        self.url = ""
        self.members = {}

    def described(self):
        return json.dumps(
            {"issuer": ISSUER, "jwks_uri": f"{self.url}/jwks"} | self.members
        ).encode()

    def __call__(self, request, writer):
        if "/.well-known/" in request.line:
            return self.metadata()
        self.asked += 1
        return self.jwks()

    def plan(self, *, discovery=False, **facts):
        where = {"jwks_uri": f"{self.url}/jwks"}
        if discovery:
            where = {"discovery": f"{self.url}/.well-known/openid-configuration"}
        defaults = {"name": "idp", "issuer": ISSUER, "audience": "treaty", "algorithms": ("ES256",)}
        return IssuerPlan(**(defaults | where | facts))


@pytest.fixture
def idp(tmp_path):
    """`idp(test, …)`: run the coroutine function with an issuer, a clock and a trust that follows it."""

    def start(test, *, background=False, folder=tmp_path, **facts):
        async def scenario():
            issuer, clock = Idp(), [NOW]
            async with RawServer(issuer) as server:
                issuer.url = server.url
                plan = issuer.plan(**facts)
                trust = Trust(lambda: clock[0], folder)
                trust.keys.follow([plan])
                stop = asyncio.Event()
                task = asyncio.create_task(trust.keys.run(stop)) if background else None
                try:
                    await test(issuer, plan, trust, clock)
                finally:
                    stop.set()
                    if task is not None:
                        await task

        asyncio.run(scenario())

    return start


def subject(plan, trust, clock):
    return verifier((plan,), lambda: clock[0], trust)


async def settled(verify):
    """The verdict, as the gateway gets it: whoever waits once is answered then."""
    try:
        return verify()
    except NotYetError as wait:
        await wait.resume()
    return verify()


def good(key="P-256", clock=(NOW,)):
    claims = {"iat": clock[0] - 1, "exp": clock[0] + 300}
    return token(key, "ES256", claims=claims)


@pytest.mark.parametrize("discovery", [False, True])
def test_the_first_token_waits_for_the_keys(idp, discovery):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        assert isinstance(await settled(lambda: who.verify(good(), 60)), Identity)
        assert issuer.asked == 1

    idp(test, discovery=discovery)


def test_keys_come_without_a_token(idp):
    async def test(issuer, plan, trust, clock):
        await until(lambda: trust.keys.keys(plan))
        assert isinstance(subject(plan, trust, clock).verify(good(), 60), Identity)

    idp(test, background=True)


def test_inline_keys_count_beside_fetched_ones(idp):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        assert isinstance(who.verify(good("P-256-two"), 60), Identity)
        assert isinstance(await settled(lambda: who.verify(good(), 60)), Identity)

    idp(test, jwks={"keys": [jwk("P-256-two")]})


def test_a_rotated_key_passes_at_its_first_call(idp):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        assert isinstance(await settled(lambda: who.verify(good(), 60)), Identity)
        issuer.jwks = lambda: response(200, jwks("P-256-two"), JSON)
        clock[0] += 61
        assert isinstance(await settled(lambda: who.verify(good("P-256-two"), 600)), Identity)
        # The old key is gone from the set, and so are the verdicts that it gave.
        assert isinstance(who.verify(good(), 600), Rejected)
        assert issuer.asked == 2

    idp(test)


def test_unknown_kids_ask_once_a_minute(idp):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        await settled(lambda: who.verify(good(), 60))
        for number in range(100):
            stranger = token("P-256-two", "ES256", {"kid": f"k{number}"})
            assert isinstance(await settled(lambda text=stranger: who.verify(text, 60)), Rejected)
        assert issuer.asked == 1
        clock[0] += 61
        for number in range(100):
            stranger = token("P-256-two", "ES256", {"kid": f"l{number}"})
            assert isinstance(await settled(lambda text=stranger: who.verify(text, 600)), Rejected)
        assert issuer.asked == 2

    idp(test)


@pytest.mark.parametrize(
    "bent", [{"header": {"typ": "JWT"}}, {"header": {"alg": "none"}}, {"header": {"crit": ["x"]}}]
)
def test_tokens_that_are_wrong_anyway_ask_nobody(idp, bent):
    async def test(issuer, plan, trust, clock):
        assert isinstance(
            subject(plan, trust, clock).verify(token("P-256", "ES256", **bent), 60), Rejected
        )
        assert issuer.asked == 0

    idp(test)


def test_many_who_wait_cause_one_fetch(idp):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        found = await asyncio.gather(*(settled(lambda: who.verify(good(), 60)) for _ in range(20)))
        assert all(isinstance(verdict, Identity) for verdict in found)
        assert issuer.asked == 1

    idp(test)


async def slow():
    await asyncio.sleep(30)


FAULTS = {
    "an error": (lambda: response(500), "status 500"),
    "not found": (lambda: response(404, b"{}", JSON), "status 404"),
    "a redirect": (lambda: response(302, b"", "Location: /jwks"), "status 302"),
    "a permanent redirect": (lambda: response(308, b"", "Location: http://127.0.0.1:1/"), "status 308"),
    "no content": (lambda: response(204, length=False), "status 204"),
    "garbage": (lambda: response(200, b"\x00\xff{", JSON), "no JSON"),
    "a web page": (lambda: response(200, b"<html>", "Content-Type: text/html"), "media type"),
    "no type": (lambda: response(200, jwks("P-256")), "media type"),
    "a list": (lambda: response(200, b"[]", JSON), "no JSON object"),
    "no keys": (lambda: response(200, b"{}", JSON), "no list of keys"),
    "keys as an object": (lambda: response(200, b'{"keys": {}}', JSON), "no list of keys"),
    "an empty set": (lambda: response(200, b'{"keys": []}', JSON), "no key of the set"),
    "keys of no use": (lambda: response(200, jwks("weak"), JSON), "no key of the set"),
    "keys in one member twice": (lambda: response(200, b'{"keys": [], ' + jwks("P-256")[1:], JSON), "no JSON"),
    "too many keys": (lambda: response(200, json.dumps({"keys": [{}] * 101}).encode(), JSON), "more than"),
    "a huge answer": (lambda: response(200, b'{"keys":"' + b"x" * 300_000 + b'"}', JSON), "too large"),
    "a compressed answer": (lambda: response(200, b"\x1f\x8b", JSON, "Content-Encoding: gzip"), "media type"),
    "nested without end": (lambda: response(200, b"[" * 100_000, JSON), "no JSON"),
    "half an answer": (lambda: response(200, jwks("P-256"), JSON)[:-9], ""),
    "no HTTP": (lambda: b"hello\r\n\r\n", ""),
    "a closed door": (lambda: None, ""),
    "silence": (slow, "too long"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr("gateway.outside._SECONDS", 0.3)


@pytest.mark.parametrize(("fault", "says"), FAULTS.values(), ids=FAULTS)
def test_faults_refuse_and_say_try_again(idp, fault, says, caplog):
    async def test(issuer, plan, trust, clock):
        issuer.jwks = fault
        who = subject(plan, trust, clock)
        verdict = await settled(lambda: who.verify(good(), 60))
        assert isinstance(verdict, Rejected)
        assert verdict.retry_seconds > 0
        assert says in caplog.text
        assert "127.0.0.1" not in caplog.text
        # The way back: no new attempt before its time, then one that helps.
        issuer.jwks, asked = (lambda: response(200, jwks("P-256"), JSON)), issuer.asked
        assert isinstance(await settled(lambda: who.verify(good(), 60)), Rejected)
        assert issuer.asked == asked
        clock[0] += 2
        assert isinstance(await settled(lambda: who.verify(good(), 60)), Identity)

    with caplog.at_level(logging.WARNING):
        idp(test)


@pytest.mark.parametrize(("fault", "says"), FAULTS.values(), ids=FAULTS)
def test_faults_leave_the_last_good_keys(idp, fault, says):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        assert isinstance(await settled(lambda: who.verify(good(), 60)), Identity)
        issuer.jwks = fault
        clock[0] += 61
        await settled(lambda: who.verify(token("P-256-two", "ES256", {"kid": "new"}), 600))
        assert issuer.asked >= 2
        assert isinstance(who.verify(good(), 600), Identity)

    idp(test)


METADATA = {
    "of another issuer": {"issuer": "https://evil.example.com"},
    "of the issuer with a slash": {"issuer": ISSUER + "/"},
    "without issuer": {"issuer": None},
    "without keys": {"jwks_uri": None},
    "keys over http elsewhere": {"jwks_uri": "http://keys.example.com/"},
    "keys in a file": {"jwks_uri": "file:///etc/passwd"},
    "keys at a number": {"jwks_uri": 7},
}


@pytest.mark.parametrize("members", METADATA.values(), ids=METADATA)
def test_metadata_that_is_not_to_the_letter(idp, members):
    async def test(issuer, plan, trust, clock):
        issuer.members = members
        verdict = await settled(lambda: subject(plan, trust, clock).verify(good(), 60))
        assert isinstance(verdict, Rejected)
        assert issuer.asked == 0

    idp(test, discovery=True)


def test_keys_that_nobody_confirms_expire(idp):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        long = token("P-256", "ES256", claims={"exp": NOW + 10_000})
        assert isinstance(await settled(lambda: who.verify(long, 60)), Identity)
        issuer.jwks = lambda: response(500)
        clock[0] += 3599
        assert isinstance(who.verify(long, 60), Identity)
        clock[0] += 2
        await until(lambda: not trust.keys.keys(plan) and isinstance(verdict(who, long), Rejected))
        assert verdict(who, long).retry_seconds > 0

    def verdict(who, text):
        try:
            return who.verify(text, 60)
        except NotYetError:
            return None

    idp(test, background=True, max_age_seconds=3600)


def test_attempts_back_off(idp):
    async def test(issuer, plan, trust, clock):
        issuer.jwks = lambda: response(500)
        (state,) = trust.keys._followed.values()
        waits = []
        for _ in range(12):
            clock[0] = max(clock[0], state.next_at)
            await trust.keys.refresh(plan)()
            waits.append(state.next_at - clock[0])
        assert 0.7 <= waits[0] <= 1
        assert all(later > earlier for earlier, later in itertools.pairwise(waits[:8]))
        assert max(waits) <= 300
        assert min(waits[-2:]) >= 225

    idp(test)


def test_keys_survive_a_restart_without_their_issuer(idp, tmp_path):
    async def first(issuer, plan, trust, clock):
        await settled(lambda: subject(plan, trust, clock).verify(good(), 60))
        again = Trust(lambda: clock[0], tmp_path)
        again.keys.follow([plan])
        issuer.jwks = lambda: response(500)
        assert isinstance(subject(plan, again, clock).verify(good(), 60), Identity)
        # Not for ever, and not for another source.
        clock[0] += plan.max_age_seconds
        assert again.keys.keys(plan) == ()
        other = plan.model_copy(update={"jwks_uri": plan.jwks_uri + "2"})
        again.keys.follow([other])
        assert again.keys.keys(other) == ()

    idp(first)
    (file,) = (tmp_path / "jwks").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"of": 1}', b"\xff", b'{"of": [], "jwks": 1}']
)
def test_a_broken_file_is_no_file(idp, tmp_path, text):
    async def test(issuer, plan, trust, clock):
        await settled(lambda: subject(plan, trust, clock).verify(good(), 60))
        (file,) = (tmp_path / "jwks").iterdir()
        file.write_bytes(text)
        again = Trust(lambda: clock[0], tmp_path)
        again.keys.follow([plan])
        assert again.keys.keys(plan) == ()
        assert isinstance(
            await settled(lambda: subject(plan, again, clock).verify(good(), 60)), Identity
        )

    idp(test)


def test_keys_survive_a_reload_and_go_with_their_issuer(idp):
    async def test(issuer, plan, trust, clock):
        who = subject(plan, trust, clock)
        await settled(lambda: who.verify(good(), 60))
        trust.keys.follow([plan.model_copy(update={"name": "renamed"})])
        renamed = plan.model_copy(update={"name": "renamed"})
        assert isinstance(subject(renamed, trust, clock).verify(good(), 60), Identity)
        assert issuer.asked == 1
        trust.keys.follow([])
        assert isinstance(who.verify(good(), 60), Rejected)
        assert issuer.asked == 1

    idp(test)
