"""Content codings: which one, for which replies, and that what went in comes out."""

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.formats import yaml
from policies.kinds.compression import Compression, encoded

HERE = Path(__file__).parent / "cases" / "bodies" / "compression.yaml"
CASES = [
    pytest.param(case, id=case["name"])
    for case in yaml.parse(HERE.read_bytes(), source="compression").root
]
RULE = Compression({})
TEXT = {"content-type": "text/plain"}


@pytest.mark.parametrize("case", CASES)
def test_codings(case):
    found = None
    if RULE.applies(case.get("status", 200), case.get("fields", TEXT)):
        found = RULE.coding(case["accept"])
    assert found == case["coding"]


@given(st.binary(max_size=5000), st.sampled_from(["gzip", "deflate"]), st.integers(1, 700))
def test_what_went_in_comes_out_whole_and_in_pieces(body, coding, size):
    window = {"gzip": 31, "deflate": 15}[coding]
    assert zlib.decompress(RULE.encode(coding, body), wbits=window) == body
    stream = RULE.stream(coding)
    pieces = [stream.feed(body[at : at + size]) for at in range(0, len(body), size)]
    assert zlib.decompress(b"".join(pieces) + stream.end(), wbits=window) == body


@given(st.text(max_size=200))
def test_no_header_breaks_the_reader(accept):
    assert RULE.coding(accept) in ("", "gzip", "deflate")


def test_the_header_says_so():
    fields = [("ETag", '"a"'), ("content-length", "9"), ("Content-Digest", "x"), ("x-a", "1")]
    assert encoded(fields, "gzip") == [
        ("ETag", 'W/"a"'), ("x-a", "1"), ("vary", "Accept-Encoding"), ("content-encoding", "gzip"),
    ]  # fmt: skip
    assert encoded([("etag", 'W/"a"')], "gzip")[0] == ("etag", 'W/"a"')
    assert encoded(fields, "") == [*fields, ("vary", "Accept-Encoding")]
