"""Laws of languages: every answer is held against all short texts, and engines that backtrack."""

import re
from itertools import product
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.formats.yaml import parse
from contracts.languages.matching import followed, matches
from contracts.languages.nodes import Terms
from contracts.languages.order import Order
from contracts.languages.pattern import language
from contracts.languages.question import Found, Nothing, Question, answer
from contracts.languages.syntax import NotRegularError

CASES = parse((Path(__file__).parent / "ecma.yaml").read_bytes(), source="ecma.yaml").root
TEXTS = ["".join(letters) for length in range(5) for letters in product("ab-1", repeat=length)]

# Each piece as ECMAScript and as Python write it: Python's `$` also matches before a last newline,
# and its `\B` not in the empty text.
PLAIN = st.sampled_from(["a", "b", "-", "1", ".", "[ab]", "[^a]", r"\w", r"\W", r"\d"])
LEAVES = PLAIN.map(lambda text: (text, text)) | st.sampled_from(
    [("^", "^"), ("$", r"\Z"), (r"\b", r"\b"), (r"\B", r"(?!\b)"), ("(?<=a)", "(?<=a)"),
     ("(?<!-)", "(?<!-)"), ("(?<=^|b)", "(?:(?<=b)|^)"), ("(?<!^|1)", "(?<!1)(?!^)")]
)  # fmt: skip


def joined(parts):
    return tuple("".join(pieces) for pieces in zip(*parts, strict=True))


def wrapped(before, inner, after):
    return tuple(before + text + after for text in inner)


def larger(inner):
    sign = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*?"])
    return (
        st.lists(inner, min_size=2, max_size=4).map(joined)
        | st.builds(lambda one, sign: wrapped("(?:", one, ")" + sign), inner, sign)
        | st.builds(lambda a, b: joined((("(?:",) * 2, a, ("|",) * 2, b, (")",) * 2)), inner, inner)
        | st.builds(wrapped, st.sampled_from(["(?=", "(?!"]), inner, st.just(")"))
    )


PATTERNS = st.recursive(LEAVES, larger, max_leaves=10)
LAW = settings(max_examples=400, deadline=None, derandomize=True, database=None)


def searched(pattern, text):
    return re.search(pattern[1], text, re.ASCII) is not None


@LAW
@given(
    st.lists(PATTERNS, min_size=1, max_size=2), st.lists(PATTERNS, max_size=2),
    st.integers(0, 3), st.none() | st.integers(0, 2), st.sets(st.sampled_from(TEXTS), max_size=9),
)  # fmt: skip
def test_an_answer_is_the_shortest_of_all_texts(wanted, refused, shortest, more, unlike):
    longest = None if more is None else shortest + more

    def fits(text):
        return (
            shortest <= len(text) <= (len(text) if longest is None else longest)
            and text not in unlike
            and all(searched(pattern, text) for pattern in wanted)
            and not any(searched(pattern, text) for pattern in refused)
        )

    found = answer(
        Question(
            tuple(ecma for ecma, _ in wanted), tuple(ecma for ecma, _ in refused),
            shortest, longest, frozenset(unlike),
        )
    )  # fmt: skip
    first = next(filter(fits, TEXTS), None)
    if isinstance(found, Found):
        assert fits(found.text)
        assert first is None or len(found.text) <= len(first)
    elif isinstance(found, Nothing):
        assert first is None


@LAW
@given(PATTERNS, st.lists(st.sampled_from(TEXTS) | st.text("ab-1é \t", max_size=12), max_size=9))
def test_a_pattern_followed_is_a_pattern_searched(pattern, texts):
    for text in texts:
        assert followed(pattern[0], text) in (None, searched(pattern, text))


@LAW
@given(PATTERNS, PATTERNS)
def test_a_language_within_another_has_no_text_outside(small, big):
    terms = Terms(100_000)
    try:
        one, other = language(terms, small[0]), language(terms, big[0])
    except NotRegularError:
        return
    assert Order(terms.empty).within(one, one)
    if Order(terms.empty).within(one, other):
        assert all(searched(big, text) for text in TEXTS if searched(small, text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["pattern"])
def test_a_pattern_means_what_ecma_262_says(case):
    assert followed(case["pattern"], case["text"]) is case["found"]
    try:
        rust = jsonschema_rs.is_valid({"pattern": case["pattern"]}, case["text"])
    except ValueError:
        rust = None
    assert (rust is case["found"]) is case.get("rust", True)
    assert matches(case["pattern"], case["text"]) is (case["found"] if rust is None else rust)
