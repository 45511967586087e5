"""The memory of parsed contracts: bounded in number and bytes, the last used stay."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.formats import read
from registry.services.engine import engine
from registry.services.reading import Memory

CONTRACT = read(b"type: object\n$schema: https://json-schema.org/draft/2020-12/schema", source="x")


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 40)), max_size=30),
    st.integers(1, 4),
    st.integers(1, 100),
)
def test_it_is_bounded_and_keeps_the_last(puts, entries, octets):
    memory = Memory(entries, octets)
    sizes = {}
    for digest, size in puts:
        memory.put(digest, size, CONTRACT)
        sizes[digest] = size
        assert memory.get(digest) is CONTRACT
    kept = [digest for digest in sizes if memory.get(digest)]
    assert len(kept) <= entries
    assert len(kept) <= 1 or sum(sizes[digest] for digest in kept) <= octets


def test_what_is_used_stays():
    memory = Memory(entries=2)
    memory.put("a", 1, CONTRACT)
    memory.put("b", 1, CONTRACT)
    assert memory.get("a")
    memory.put("c", 1, CONTRACT)
    assert [bool(memory.get(digest)) for digest in "abc"] == [True, False, True]


def test_the_engine_names_its_release_and_its_rules():
    release, _, rules = engine().partition("+")
    assert release
    assert len(rules) == 12
    assert int(rules, 16) >= 0
