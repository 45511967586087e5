"""Case files: a text, and the value with its positions or the refusal with its place."""

import json
from pathlib import Path

import pytest

from contracts.errors import TreatyError
from contracts.formats.yaml import parse, parse_all

CASES = parse((Path(__file__).parent / "cases/parse.yaml").read_bytes(), source="parse.yaml").root


def named(cases):
    return pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in cases])


@named([case for case in CASES if "value" in case])
def test_a_text_is_read(case):
    document = parse(case["text"].encode(), source=case.get("source", "case"))
    assert document.root == json.loads(case["value"], strict=False)
    assert json.dumps(document.root) == json.dumps(json.loads(case["value"], strict=False))
    for pointer, expected in case.get("positions", {}).items():
        position = document.positions[pointer]
        assert f"{position.line}:{position.column}" == expected, pointer
    for pointer, expected in case.get("texts", {}).items():
        assert str(document.at(pointer)) == expected


@named([case for case in CASES if "error" in case])
def test_a_text_is_refused(case):
    expected = case["error"]
    with pytest.raises(TreatyError) as caught:
        parse(case["text"].encode(), source="case")
    problem = caught.value.problem
    (detail,) = problem.errors
    assert problem.type.slug == expected["type"]
    assert detail.file == "case"
    assert detail.line == expected["line"]
    assert detail.column == expected.get("column", detail.column)
    assert detail.pointer == expected.get("pointer", detail.pointer)
    assert expected.get("says", "") in detail.detail
    assert detail.detail.endswith(".")
    assert problem.detail == f"case:{detail.line}:{detail.column}: {detail.detail}"


@pytest.mark.parametrize(
    ("raw", "line", "column", "says"),
    [
        (b"a: 1\nb: \xff", 2, 4, "UTF-8"),
        ("a: 1".encode("utf-16"), 1, 1, "UTF-16"),
        (b"\xef\xbb\xbfa: \xe9", 1, 4, "UTF-8"),
        (b"a: 1\x00b", 1, 5, "U+0000"),
    ],
)
def test_bytes_that_are_no_text_are_refused(raw, line, column, says):
    with pytest.raises(TreatyError) as caught:
        parse(raw, source="case")
    (detail,) = caught.value.problem.errors
    assert (detail.line, detail.column) == (line, column)
    assert says in detail.detail


def test_a_stream_gives_its_documents_with_positions_in_the_whole_text():
    first, second = parse_all(b"---\na: 1\n---\nb: {c: 2}\n", source="stream")
    assert (first.root, second.root) == ({"a": 1}, {"b": {"c": 2}})
    assert second.place("/b/c").line == 4


def test_anchors_end_with_their_document():
    with pytest.raises(TreatyError, match="no anchor"):
        parse_all(b"--- &a 1\n--- *a\n", source="stream")


def test_positions_are_a_mapping():
    document = parse(b"a: {b: [1, 2]}\n", source="x")
    assert list(document.positions) == ["", "/a", "/a/b", "/a/b/0", "/a/b/1"]
    assert len(document.positions) == 5
    for absent in ("/a/c", "/a/b/2", "/a/b/00", "/a/b/x", "/a/b/0/0", "a", "/"):
        assert absent not in document.positions
    assert document.place("/a/b/7/deeper").line == 1
