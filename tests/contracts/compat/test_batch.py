"""A line of pairs is read without trusting it, and its id is found where that is possible."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.compat import batch
from contracts.compat.judge import Request
from contracts.compat.mode import Mode, Policy, Profile
from contracts.errors import TreatyError
from contracts.model import Format

DEFAULTS = Request(mode=Mode.FULL)


def line(**members):
    return json.dumps({"id": "x", "old": {}, "new": {}} | members).encode()


def test_a_line_says_what_it_asks_in_any_case():
    asked = batch.read(
        line(format="JSON-Schema", mode="Full-Transitive", profile="Apicurio", policy="LENIENT"),
        DEFAULTS,
    )
    assert asked.request == Request(
        Format.JSON_SCHEMA, Mode.FULL_TRANSITIVE, Profile.APICURIO, Policy.LENIENT
    )


def test_what_a_line_leaves_out_is_as_the_command_said():
    assert batch.read(line(mode=None, note="more"), DEFAULTS).request == DEFAULTS


BROKEN = {
    b"": None,
    b"[]": None,
    b"{": None,
    b'{"id": 3, "old": 1}': 3,
    b'{"id": "a\\"b", "old": {]': 'a"b',
    b'{"id": -4, "old": NaN, "new": 1}': -4,
    b'{"id": "t", "id": "u", "old": 1, "new": 1}': "t",
    b'{"id": {"a": 1}, "old": 1, "new": 1, "mode": 3}': None,
    b'{"id": "d", "old": ' + b"[" * 20_000: "d",
    line(mode="sideways"): "x",
    line(format=["openapi"]): "x",
    b'\xff{"id": 1}': None,
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_line_is_refused_and_keeps_its_id(text):
    with pytest.raises(TreatyError) as refused:
        batch.read(text, DEFAULTS)
    assert refused.value.problem.type.slug in ("malformed-request", "invalid-request")
    assert batch.id_of(text) == BROKEN[text]


@given(st.binary(max_size=200))
def test_no_line_is_too_strange(text):
    try:
        batch.read(text, DEFAULTS)
    except TreatyError:
        batch.id_of(text)
