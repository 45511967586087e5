"""What would exhaust time, memory or the stack is refused, and quickly."""

import time

import pytest

from contracts.errors import TreatyError
from contracts.formats import read
from contracts.formats.limits import Limits
from contracts.formats.yaml import parse, parse_all


def refusal(text, **limits):
    started = time.process_time()
    with pytest.raises(TreatyError) as caught:
        parse(text, source="hostile", limits=Limits(**limits))
    assert time.process_time() - started < 5
    return caught.value.problem


def laughs(levels, width=9):
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


def test_fifty_megabytes_are_refused_before_they_are_read():
    problem = refusal(b"a: " + b"x" * (50 * 1024 * 1024))
    assert problem.type.slug == "document-too-large"
    assert problem.type.status == 413
    assert "bytes" in problem.detail


def test_a_billion_laughs():
    problem = refusal(laughs(10))
    assert problem.type.slug == "alias-bomb"
    assert problem.errors[0].line > 1


def test_few_laughs_are_fine():
    assert len(parse(laughs(3), source="fine").root["a2"][8][8]) == 9


def test_a_bomb_of_merge_keys():
    lines = ["a0: &a0 {" + ", ".join(f"k{i}: x" for i in range(50)) + "}"]
    merges = ", ".join
    lines += [
        f"a{n}: &a{n} {{" + merges(f"m{i}: {{<<: *a{n - 1}}}" for i in range(50)) + "}"
        for n in range(1, 8)
    ]
    assert refusal("\n".join(lines).encode()).type.slug == "alias-bomb"


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b"[[" * 1_500 + b"]]" * 1_500,
        b'{"a":' * 100_000,
        b"{a: " * 5_000,
        b"- " * 100_000,
        b"\n".join(b" " * n + b"a:" for n in range(2_000)),
    ],
    ids=["brackets", "closed", "json", "flow", "items", "block"],
)
def test_deep_nesting(text):
    problem = refusal(text)
    assert problem.type.slug == "document-too-deep"
    assert problem.errors[0].line >= 1


def test_depth_cannot_hide_behind_aliases():
    chain = "\n".join(f"a{n}: &a{n} {{d: *a{n - 1}}}" for n in range(1, 60))
    problem = refusal(f"a0: &a0 x\n{chain}".encode(), max_depth=50)
    assert problem.type.slug == "document-too-deep"


def test_too_many_values():
    assert refusal(b"- a\n" * 1_000, max_nodes=500).type.slug == "document-too-large"
    assert refusal(b"[" + b"1,[0]," * 300 + b"1]", max_nodes=500).type.slug == "document-too-large"


def test_too_many_references():
    text = b"[" + b'{"$ref": "#"},' * 20 + b"1]"
    assert refusal(text, max_refs=10).type.slug == "document-too-large"


@pytest.mark.parametrize("number", ["9" * 401, "0x" + "f" * 401, "1." + "0" * 401])
@pytest.mark.parametrize("template", ["a: {}", '{{"a": {}}}'])
def test_numbers_without_end(number, template):
    assert refusal(template.format(number).encode()).type.slug == "document-not-readable"


def test_long_integers_keep_their_digits():
    assert parse(b"a: " + b"9" * 300, source="x").root == {"a": int("9" * 300)}


def test_thousands_of_directives():
    problem = refusal(b"".join(b"%%TAG !a%d! x\n" % n for n in range(100_000)) + b"---\na\n")
    assert "directives" in problem.detail


def test_too_many_documents():
    with pytest.raises(TreatyError) as caught:
        parse_all(b"---\n" * 20, source="x", limits=Limits(max_documents=10))
    assert caught.value.problem.type.slug == "document-not-readable"


def test_the_node_bound_covers_all_documents_of_a_stream():
    with pytest.raises(TreatyError):
        parse_all(b"--- [1, 2]\n" * 20, source="x", limits=Limits(max_nodes=30))


def test_the_deepest_permitted_text_passes_through_everything():
    depth = Limits().max_depth - 8
    schema = '{"type": "array", "items": ' * (depth // 2) + "{}" + "}" * (depth // 2)
    contract = read(schema.encode(), source="deep.json")
    assert contract.digest.startswith("sha256:")
