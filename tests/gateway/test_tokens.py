"""Verdicts on tokens over time: caches that end in time, floods, and laws for any text."""

from hypothesis import given, settings
from hypothesis import strategies as st
from psa_world import NOW
from token_world import b64, issuers, snapshot, token, verifier, verify

from gateway.generations import Generations
from policies import base64url
from policies.exchange import Identity, Rejected


@settings(deadline=None)  # the first example makes the keys
@given(st.text() | st.from_regex(r"\A[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*\Z"))
def test_garbage_is_a_sentence(text):
    assert isinstance(verify(text), Rejected)


@settings(deadline=None)  # the first example makes the keys
@given(st.integers(0, 2000), st.integers(0, 7))
def test_no_bit_of_a_token_is_idle(at, bit):
    good = token("P-256", "ES256")
    at %= len(good)
    bent = good[:at] + chr(ord(good[at]) ^ (1 << bit)) + good[at + 1 :]
    assert isinstance(verify(bent), Rejected)


@settings(deadline=None)  # the first example makes the keys
@given(st.binary(max_size=200))
def test_base64url_has_one_spelling(octets):
    text = base64url.encode(octets)
    assert base64url.decode(text) == octets
    assert text == b64(octets)


@settings(deadline=None)  # the first example makes the keys
@given(st.text("ABQgwxyz059-_", max_size=12))
def test_base64url_reads_back_what_it_takes(text):
    try:
        octets = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(octets) == text


def test_verdicts_never_outlive_the_token():
    clock = [NOW]
    subject = verifier(now=lambda: clock[0])
    text = token()
    first = subject.verify(text, 0)
    assert subject.verify(text, 0) is first
    clock[0] = NOW + 300
    assert isinstance(subject.verify(text, 0), Rejected)
    assert isinstance(subject.verify(text, 60), Identity)


def test_issuers_of_an_operation():
    subject = verifier()
    assert isinstance(subject.verify(token(), 60, frozenset({"treaty"})), Identity)
    for wanted in ({"other"}, set()):
        assert isinstance(subject.verify(token(), 60, frozenset(wanted)), Rejected)


def test_a_flood_of_one_bad_token_is_judged_once(monkeypatch):
    subject, judged = verifier(), []
    examine = subject._examine
    monkeypatch.setattr(subject, "_examine", lambda text: judged.append(text) or examine(text))
    for _ in range(50):
        assert isinstance(subject.verify(token()[:-8] + "AAAAAAAA", 60), Rejected)
    assert len(set(judged)) == len(judged) == 1


def test_memory_is_bounded_in_entries_and_in_characters():
    cache = Generations(100, 10_000)
    for index in range(1000):
        cache.put(f"{index:050}", index)
        assert len(cache) <= 100
    long = Generations(100, 10_000)
    for index in range(1000):
        long.put(f"{index:03}" + "x" * 2000, index)
        assert len(long) <= 6
    assert long.get("999" + "x" * 2000) == 999


def test_what_is_asked_for_stays():
    cache = Generations(10, 10_000)
    cache.put("kept", 1)
    for index in range(100):
        assert cache.get("kept") == 1
        cache.put(str(index), index)


def test_no_issuer_trusts_nobody():
    assert isinstance(verifier(plans=()).verify(token(), 60), Rejected)
    assert snapshot().issuers == issuers()
