"""Runs `cases.yaml`, and holds the answers against engines that know nothing of derivatives."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.formats.yaml import parse
from contracts.languages.matching import followed, matches
from contracts.languages.question import Found, Nothing, Question, Unknown, answer

CASES = parse((Path(__file__).parent / "cases.yaml").read_bytes(), source="cases.yaml").root


@pytest.mark.parametrize("case", CASES, ids=lambda case: "".join(case["matches"]))
def test_finds_what_the_case_says(case):
    question = Question(
        tuple(case["matches"]), tuple(case.get("refuses", ())), case.get("from", 0),
        case.get("to"), frozenset(case.get("without", ())),
    )  # fmt: skip
    found = answer(question)
    if case["text"] == "unknown":
        assert isinstance(found, Unknown)
        assert found.reason
    else:
        assert found == (Nothing() if case["text"] == "nothing" else Found(case["text"]))


PIECES = st.sampled_from(
    ["a", "b", "[ab]", "[^a]", ".", r"\d", "a*", "b+", "a?", "(a|b)", "(ab)*", "a{1,2}", "(?:b|a1)"]
)
PATTERNS = st.builds(
    lambda pieces, start, end: start + "".join(pieces) + end,
    st.lists(PIECES, min_size=1, max_size=4), st.sampled_from(["", "^"]), st.sampled_from(["", "$"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(PATTERNS, PATTERNS, st.lists(st.text("ab1", max_size=5), max_size=20))
def test_an_answer_agrees_with_two_other_engines(pattern, refused, texts):
    found = answer(Question((pattern,), (refused,)))
    if isinstance(found, Found):
        assert (matches(pattern, found.text), matches(refused, found.text)) == (True, False)
    elif isinstance(found, Nothing):
        for text in texts:
            assert not re.search(_strict(pattern), text) or re.search(_strict(refused), text)


def _strict(pattern):
    """In Python `$` also matches before a newline at the end; in ECMAScript it does not."""
    return re.sub(r"\$$", r"\\Z", pattern)


HOSTILE = [
    "(" * 2_000 + ")" * 2_000, "(a+)+$" * 50, "(?:" * 39 + "a" + ")*" * 39, "a{1,90000}" * 3,
    "[" + "a-z" * 3_000 + "]", "(a|aa)*b" * 20, "(?=a)" * 100, "\\p{Nope}", "x" * 10_000,
    "((a{0,99}){0,99}){0,99}$", "^(?:a{1,1000}){1,1000}$", "^" + "a?" * 2_000 + "$",
    "|".join(f"w{n}x" for n in range(900)), "(?=.*a)(?!.*b)(?<!c)\\b" * 40, "(.*a){30}",
    "".join(f"(?=.*{letter})" for letter in "abcdefghijklmnopqrstuvwxyz"),
    "(?:(?!ab).)*(?:(?!ba).)*" * 9, "(?:^|$|\\b)" * 300, "\\p{L}{1,300}" * 9, "(?:(?=a)a){100}" * 20,
    "^(?:(?:(?:(?!x)a){9}){9}){9}$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", HOSTILE, ids=lambda pattern: pattern[:24])
def test_hostile_patterns_end(pattern):
    for question in (Question((pattern,), ("^b",)), Question(("^b*$",), (pattern,))):
        assert isinstance(answer(question, budget=2_000), Found | Nothing | Unknown)
    assert followed(pattern, "ab" * 500) in (True, False, None)


def test_the_budget_counts_states():
    question = Question(("^a{1,500}$",), ("^a{1,400}$",))
    assert answer(question) == Found("a" * 401)
    assert answer(question, budget=300) == Unknown("a pattern takes too many steps")
    assert answer(question, budget=300) == answer(question, budget=300)
