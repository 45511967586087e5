"""Two texts in, a report out, whatever the texts hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.compat.judge import Request, Text, judge, judge_history
from contracts.compat.mode import Mode, Profile
from contracts.compat.texts import Texts
from contracts.errors import TreatyError
from contracts.model import Format
from contracts.report import Bump, Verdict

SCHEMA = Request(format=Format.JSON_SCHEMA)
STRING, INTEGER = b'{"type": "string"}', b'{"type": "integer"}'


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_no_text_is_too_strange(old, new):
    report = judge(old, new, SCHEMA)
    assert report.verdict in Verdict


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"{", "document-not-readable"),
        (b"\xff\xfe", "document-not-readable"),
        (b'{"a": 1, "a": 2}', "duplicate-key"),
        (b"[" * 5_000, "document-too-deep"),
        (b"openapi: 9.9.9", "unknown-format"),
    ],
)
@pytest.mark.parametrize("side", ["old", "new"])
def test_a_text_that_cannot_be_read_is_named(text, rule, side):
    texts = {"old": b"type: string", "new": b"type: string"} | {side: text}
    (finding,) = judge(texts["old"], texts["new"], Request()).findings
    assert finding.rule == rule
    assert getattr(finding, side).file == side
    assert getattr(finding, {"old": "new", "new": "old"}[side]) is None


def test_both_unreadable_sides_are_named():
    found = judge(b"{", b"{", Request()).findings
    assert [(f.old is None, f.new is None) for f in found] == [(False, True), (True, False)]


def test_mode_none_does_not_make_an_unreadable_text_compatible():
    assert judge(b"{", b"{}", Request(mode=Mode.NONE)).verdict is Verdict.UNDECIDED


def test_another_format_than_announced_is_undecided():
    report = judge(STRING, STRING, Request(format=Format.OPENAPI))
    assert report.verdict is Verdict.UNDECIDED
    assert "openapi was announced" in report.findings[0].message


def test_a_profile_is_for_schemas_only():
    openapi = json.dumps({"openapi": "3.1.0", "info": {}, "paths": {}}).encode()
    report = judge(openapi, openapi, Request(profile=Profile.CONFLUENT))
    assert report.verdict is Verdict.UNDECIDED
    assert "JSON Schemas only" in report.findings[0].message


@pytest.mark.parametrize("error", [RecursionError, MemoryError])
def test_an_exhausted_engine_is_undecided(monkeypatch, error):
    def exhausted(*_, **__):
        raise error

    monkeypatch.setattr("contracts.compat.judge.compare", exhausted)
    report = judge(STRING, INTEGER, SCHEMA)
    assert report.verdict is Verdict.UNDECIDED
    assert report.findings[0].rule == "part-undecided"


def history(*texts):
    return [Text(text, f"v{number}.json") for number, text in enumerate(texts, start=1)]


def test_a_history_takes_the_worst_verdict_and_names_the_newest_version():
    request = Request(format=Format.JSON_SCHEMA, mode=Mode.BACKWARD_TRANSITIVE)
    new = Text(STRING, "new.json")
    assert judge_history(history(INTEGER, STRING), new, request).verdict is Verdict.BREAKING
    assert judge_history(history(STRING, STRING), new, request).verdict is Verdict.COMPATIBLE
    report = judge_history(history(INTEGER, INTEGER, b"{"), new, request)
    assert report.verdict is Verdict.BREAKING
    assert report.required_bump is Bump.MAJOR
    places = {f.old.file for f in report.findings if f.rule != "document-not-readable"}
    assert places == {"v2.json"}


def test_equal_texts_are_parsed_once_and_forgotten_in_the_end():
    texts = Texts(entries=2)
    first = texts.contract(STRING, "a")
    assert texts.contract(STRING, "a") is first
    assert texts.contract(STRING, "b") is not first
    texts.contract(INTEGER, "c")
    assert texts.contract(STRING, "a") is not first
    assert texts.held == len(STRING) + len(INTEGER)


def test_the_memory_of_texts_is_bounded_by_their_size():
    texts = Texts(octets=len(STRING))
    texts.contract(STRING, "a")
    texts.contract(INTEGER, "b")
    assert texts.held == len(INTEGER)
    with pytest.raises(TreatyError):
        texts.document(b"{", "c")
    assert texts.held == len(INTEGER)
