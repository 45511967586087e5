"""Holds the patterns and samples of formats against two validators, and against each other."""

import base64
import re

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.languages.formats import INNER, OUTER, SAMPLES, WIDER
from contracts.languages.matching import matches
from contracts.languages.question import Found, Nothing, Question, answer

CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER
# Python's checkers of these formats ask less, or something else, than their RFC does.
LOOSE = {"email", "idn-email", "regex"}


def follows(name, text):
    """Whether jsonschema-rs takes the text for one of the format; of base64 it knows nothing."""
    if name == "byte":
        return base64.b64encode(base64.b64decode(text + "====")) == text.encode()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "format": name}
    return jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(text)


def sure(name, text):
    """What both validators say, None when they differ."""
    first = follows(name, text)
    if name not in CHECKER.checkers or (name in LOOSE and not first):
        return first
    return first if CHECKER.conforms(text, name) is first else None


def test_every_format_has_all_three():
    assert INNER.keys() == OUTER.keys() == SAMPLES.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_what_they_say(name):
    valid, invalid = SAMPLES[name]
    assert valid
    assert all(matches(OUTER[name], text) for text in valid)
    assert not any(matches(INNER[name], text) for text in invalid)
    if name != "byte":
        assert [sure(name, text) for text in valid] == [True] * len(valid)
        assert [sure(name, text) for text in invalid] == [False] * len(invalid)


@pytest.mark.parametrize("name", INNER)
def test_inner_patterns_lie_within_outer_ones(name):
    assert isinstance(answer(Question((INNER[name],))), Found)
    assert answer(Question((INNER[name],), (OUTER[name],))) == Nothing()


@pytest.mark.parametrize("name", INNER)
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_what_matches_the_inner_pattern_follows_the_format(name, data):
    pattern = re.sub(r"\(\?![^)]*\)", "", INNER[name][:-1]) + r"\Z"  # lookaheads are met below
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII)))
    if matches(INNER[name], text):
        assert sure(name, text), text


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(sorted(set(INNER) - {"byte"})), st.data())
def test_what_follows_a_format_matches_its_outer_pattern(name, data):
    near = list(SAMPLES[name][0] + SAMPLES[name][1])
    text = list(data.draw(st.sampled_from(near)))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.text("09aT:-./@% é#_", max_size=2)
        )
    if follows(name, "".join(text)):
        assert matches(OUTER[name], "".join(text)), "".join(text)


@pytest.mark.parametrize(("name", "wider"), [(n, w) for n in WIDER for w in WIDER[n]])
def test_wider_formats_hold_what_narrower_ones_do(name, wider):
    assert all(follows(wider, text) for text in SAMPLES[name][0])
    assert answer(Question((INNER[name],), (OUTER[wider],))) == Nothing()
