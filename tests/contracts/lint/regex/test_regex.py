"""Patterns as ECMAScript means them, in bounded time; and the globs that stand on them."""

import time
from pathlib import Path

import pytest

from contracts.errors import TreatyError
from contracts.formats.yaml import parse
from contracts.lint import globs, regex
from contracts.lint.function import UnsupportedError

ROOT = parse((Path(__file__).parent / "cases.yaml").read_bytes(), source="cases.yaml").root


@pytest.mark.parametrize("case", ROOT["patterns"], ids=lambda case: case["pattern"])
def test_patterns(case):
    matcher = regex.compiled(case["pattern"])
    assert [text for text in case.get("yes", []) if not matcher(text)] == []
    assert [text for text in case.get("no", []) if matcher(text)] == []


@pytest.mark.parametrize("pattern", ROOT["refused"])
def test_refused(pattern):
    with pytest.raises(UnsupportedError):
        regex.compiled(pattern)


@pytest.mark.parametrize("pattern", ROOT["hostile"])
def test_hostile_patterns_answer_soon(pattern):
    matcher = regex.compiled(pattern)
    started = time.process_time()
    assert matcher("a" * 50_000 + "!") is False
    assert time.process_time() - started < 5


@pytest.mark.parametrize("case", ROOT["globs"], ids=lambda case: case["glob"])
def test_globs(case):
    assert [path for path in case.get("yes", []) if not globs.matches(case["glob"], path)] == []
    assert [path for path in case.get("no", []) if globs.matches(case["glob"], path)] == []


def test_a_glob_that_is_a_bomb_is_refused():
    for bomb in ("{a,b}" * 30, "a" * 501):
        with pytest.raises(TreatyError):
            globs.matches(bomb, "x")
    assert globs.matches("/".join(["**"] * 160), "/".join(["a"] * 100))
