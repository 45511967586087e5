"""The router by cases, and the trie against a naive reading of the same rule."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.refusal import Refused
from gateway.routes import Routes, fits

FILE = yaml.load(  # test data of our own
    (Path(__file__).parent / "cases" / "routes.yaml").read_text(encoding="utf-8"), yaml.SafeLoader
)
ROUTES = Routes(
    (base, *entry.split(" ", 1), entry)
    for base, entries in FILE["routes"].items()
    for entry in entries
)


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["path"])
def test_case(case):
    method, path = case.get("method", "GET"), case["path"].encode()
    if "refused" in case:
        with pytest.raises(Refused) as caught:
            ROUTES.find(method, path)
        assert caught.value.denial.problem.type.slug == case["refused"]
        assert dict(caught.value.denial.headers).get("Allow") == case.get("allow")
    else:
        found = ROUTES.find(method, path)
        assert found.target == case["is"]
        assert found.path == case.get("upstream", found.path)


SEGMENT = st.sampled_from(["a", "b", "{x}", "{y}", "{x}.j", "a-{y}", "{x}-{y}"])
PIECES = {"{x}.j": ("", ".j"), "a-{y}": ("a-", ""), "{x}-{y}": ("", "-", "")}


def naive_fits(pieces, segment):
    if not pieces:
        return segment == ""
    first, *rest = pieces
    if not segment.startswith(first):
        return False
    tail = segment[len(first) :]
    return naive_fits_rest(rest, tail)


def naive_fits_rest(rest, tail):
    if not rest:
        return tail == ""
    return any(naive_fits(rest, tail[gap:]) for gap in range(1, len(tail) + 1))


@given(
    st.lists(st.sampled_from(["", "a", "-", "aa", "a-"]), min_size=2, max_size=4),
    st.text("a-", max_size=8),
)
def test_fits_is_what_the_naive_search_finds(pieces, segment):
    assert fits(tuple(pieces), segment) == naive_fits(pieces, segment)


def rank(template, segment):
    if template in PIECES:
        return (1, -len("".join(PIECES[template]))) if fits(PIECES[template], segment) else None
    if template.startswith("{"):
        return (2, 0) if segment else None
    return (0, 0) if template == segment else None


@given(
    st.lists(st.lists(SEGMENT, min_size=1, max_size=3).map(tuple), min_size=1, max_size=8),
    st.lists(st.sampled_from(["a", "b", "c", "a.j", "a-b", "a-b.j"]), min_size=1, max_size=3),
)
def test_trie_is_the_naive_choice(templates, path):
    routes = Routes(
        ("/s", "GET", "/" + "/".join(template), number) for number, template in enumerate(templates)
    )
    ranked = []
    for number, template in enumerate(templates):
        ranks = [rank(piece, segment) for piece, segment in zip(template, path, strict=False)]
        if len(template) == len(path) and None not in ranks:
            ranked.append((ranks, number))
    try:
        found = routes.find("GET", ("/s/" + "/".join(path)).encode()).target
    except Refused:
        found = None
    if not ranked:
        assert found is None
        return
    best = min(ranked)[0]
    assert found in {number for ranks, number in ranked if ranks == best}
