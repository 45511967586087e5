"""Streams of records: what was classified never leaves, what was not leaves as it came."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import TreatyError
from contracts.formats import read
from policies.maskprogram import compile_program
from policies.maskrecords import MAX_RECORD_BYTES, EventFilter, SeparatedFilter
from policies.maskview import View

SECRET = {"x-data-classification": {"category": "PII"}}
RECORD = {"type": "object", "properties": {"id": {}, "mail": SECRET}}
EVENTS = "text/event-stream"
LINES = "application/x-ndjson"


def show_of(described, media=LINES):
    document = {
        "openapi": "3.2.0", "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {
            "description": "d", "content": {media: described}}}}}},
    }  # fmt: skip
    contract = read(json.dumps(document).encode(), source="t.json")
    program = compile_program(contract, contract.operations[0])
    view = View({"reveal": [], **program}, frozenset())
    nodes = view.record_entry(200, media)
    return lambda value: view.apply(value, nodes, str)


SHOW = show_of({"schema": RECORD})


def lines():
    return SeparatedFilter(SHOW, b"\n")


def passed(stream, *chunks):
    return b"".join(stream.feed(chunk) for chunk in chunks) + stream.end()


def in_bytes(text):
    return [text[at : at + 1] for at in range(len(text))]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b'{"mail":"CANARY"}\n', b'{"mail":"****"}\n'),
        (b'{"mail":"CANARY"}\r\n{"id":1}\r\n', b'{"mail":"****"}\r\n{"id":1}\r\n'),
        (b'{"id":1}\n\n  {"mail":"CANARY"}', b'{"id":1}\n\n  {"mail":"****"}'),
        (b'{ "id" : 1.0e1 }\n', b'{ "id" : 1.0e1 }\n'),
        ('{"id":"\u00e9","mail":"CANARY"}\n'.encode(), '{"id":"\u00e9","mail":"****"}\n'.encode()),
        (b"", b""),
    ],
)
def test_lines_whole_and_byte_by_byte(stream, expected):
    assert passed(lines(), stream) == expected
    assert passed(lines(), *in_bytes(stream)) == expected


def test_a_sequence_of_texts_over_several_lines():
    stream = b'\x1e{\n"mail":"CANARY"\n}\n\x1e{"id":1}\n'
    assert passed(SeparatedFilter(SHOW, b"\x1e"), *in_bytes(stream)) == (
        b'\x1e{"mail":"****"}\n\x1e{"id":1}\n'
    )


@pytest.mark.parametrize(
    "stream",
    [
        b'mail CANARY\n{"id":1}\n',
        b'{"mail":"CANARY"',
        b'{"id":1,"id":"CANARY"}\n',
        b'{"mail":"CANARY"}\r{"id":1}\n',
        b'\xef\xbb\xbf{"mail":"CANARY"}\n',
        b'{"id":"\xff CANARY"}\n',
        b"x" * (MAX_RECORD_BYTES + 1),
        b"[" * 100_000 + b"\n",
    ],
)
def test_what_is_no_record_cuts_the_stream(stream):
    with pytest.raises(TreatyError) as caught:
        passed(lines(), stream)
    assert caught.value.problem.type.slug == "response-not-maskable"
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b'data: {"mail":"CANARY"}\n\n', b'data: {"mail":"****"}\n\n'),
        (b'data: {"mail":\ndata:"CANARY"}\n\n', b'data: {"mail":"****"}\n\n'),
        (b'id: 7\ndata: {"mail":"CANARY"}\r\n\r\n', b'id: 7\ndata: {"mail":"****"}\n\n'),
        (b'id:7\r\ndata:{"id":1}\r\n\r\n', b'id:7\r\ndata:{"id":1}\r\n\r\n'),
        (b'data:{"id":1}\r\rdata:{"id":2}\r\r', b'data:{"id":1}\r\rdata:{"id":2}\r\r'),
        (b"\xef\xbb\xbfdata: {}\n\n", b"\xef\xbb\xbfdata: {}\n\n"),
        (b"data: CANARY\n\n", b": withheld\n\n"),
        (b'data: {"id":1}\ndata: CANARY\n\n', b": withheld\n\n"),
        (b": CANARY\n\n", b":\n\n"),
        (b"mail: CANARY\ndata: {}\n\n", b"data: {}\n\n"),
        (b"retry: CANARY\ndata: {}\n\n", b"data: {}\n\n"),
        (b"retry: 10\n\n", b"retry: 10\n\n"),
        (b'data: {"mail":"CANARY"}\n', b""),
        (b"data\n\n", b"data\n\n"),
    ],
)
def test_events_whole_and_byte_by_byte(stream, expected):
    assert passed(EventFilter(SHOW), stream) == expected
    assert passed(EventFilter(SHOW), *in_bytes(stream)) == expected


def test_an_event_leaves_before_the_next_one_comes():
    assert EventFilter(SHOW).feed(b"data: {}\n\ndata: {") == b"data: {}\n\n"


def test_an_event_that_does_not_end_is_cut():
    stream = EventFilter(SHOW)
    with pytest.raises(TreatyError, match="a record has more than"):
        passed(stream, *[b"data: " + b"1" * 993 + b"\n"] * (MAX_RECORD_BYTES // 1000 + 2))


EVENT = {
    "type": "object",
    "properties": {
        "id": SECRET,
        "data": {
            "type": "string", "contentMediaType": "application/json", "contentSchema": RECORD
        },
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "described",
    [
        {"schema": RECORD},
        {"itemSchema": RECORD},
        {"schema": {"type": "array"}, "itemSchema": RECORD},
        {"schema": {"type": "array", "items": RECORD}},
        {"itemSchema": EVENT},
        {"itemSchema": {"allOf": [EVENT]}},
    ],
)
def test_however_the_contract_describes_the_stream(described):
    stream = EventFilter(show_of(described, EVENTS))
    shown = passed(stream, b'data: {"id":"1","mail":"CANARY"}\n\n')
    assert b"CANARY" not in shown
    assert shown.startswith(b"data: {")


def test_an_id_that_is_classified_does_not_leave():
    shown = passed(EventFilter(show_of({"itemSchema": EVENT}, EVENTS)), b"id: CANARY\ndata: {}\n\n")
    assert shown == b"data: {}\n\n"


def test_a_text_with_a_classified_text_inside_is_hidden_whole():
    show = show_of({"itemSchema": EVENT})
    assert show({"data": '{"mail":"CANARY"}'}) == {"data": "****"}


VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
RECORDS = st.lists(
    st.fixed_dictionaries({"id": VALUES}, optional={"mail": st.just("CANARY\u00e9\u2028")}),
    min_size=1, max_size=4,
)  # fmt: skip
CUTS = st.lists(st.integers(0, 400), max_size=6)


def chunks(text, cuts):
    marks = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[a:b] for a, b in pairwise(marks)]


@settings(max_examples=150)
@given(RECORDS, CUTS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_no_cut_of_lines_lets_a_value_out(records, cuts, end, plain):
    text = "".join(json.dumps(r, ensure_ascii=plain) + end for r in records).encode()
    shown = passed(lines(), *chunks(text, cuts))
    assert b"CANARY" not in shown
    assert shown == passed(lines(), text)
    if not any("mail" in record for record in records):
        assert shown == text


@settings(max_examples=150)
@given(RECORDS, CUTS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([None, 1]))
def test_no_cut_of_events_lets_a_value_out(records, cuts, end, indent):
    texts = [json.dumps(record, indent=indent).split("\n") for record in records]
    text = "".join(
        "".join(f"data: {line}{end}" for line in event) + end for event in texts
    ).encode()
    shown = passed(EventFilter(SHOW), *chunks(text, cuts))
    assert b"CANARY" not in shown
    assert shown == passed(EventFilter(SHOW), text)
    if not any("mail" in record for record in records):
        assert shown == text
