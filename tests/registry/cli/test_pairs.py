"""`treaty check --pairs`: every line is answered, in order, whatever its neighbours hold."""

import io
import json

import pytest
from cli_world import start
from valid import VALID, assert_valid

from contracts.errors import TreatyError
from registry.cli import pairs

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
OPTIONS = ("backward", "containment", "")


def ask(id_, old=STRING, new=STRING, **more):
    return {"id": id_, "old": old, "new": new, "format": "json-schema"} | more


def write(path, *lines):
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n")


def run(path, seconds=60.0):
    target = io.BytesIO()
    counted = pairs.run(str(path), target, OPTIONS, seconds)
    answers = [json.loads(line) for line in target.getvalue().splitlines()]
    for answer in answers:
        assert_valid("answer", answer)
    assert counted.total() == len(answers)
    return answers


def verdicts(answers):
    return [(answer["id"], answer["verdict"]) for answer in answers]


def test_a_process_answers_line_by_line_in_order(here):
    (here / "sets").mkdir()
    (here / "sets" / "old.json").write_text(json.dumps(STRING))
    (here / "new.json").write_text(json.dumps(INTEGER))
    hostile = '{"id": "deep", "old": ' + "[" * 30_000
    write(
        here / "sets" / "pairs.jsonl",
        ask("objects"),
        ask("paths", "old.json", "new.json"),
        ask("texts", '{"type": "string"}', "type: integer\n"),
        ask("booleans", True, False),
        hostile,
        "not json",
        "",
        ask("missing", "nowhere.json"),
        ask("number", 3),
        ask("mode", mode="BACKWARDS"),
        ask("twice", '{"a": 1, "a": 2}'),
        ask("none", STRING, INTEGER, mode="NONE"),
        ask("history", [INTEGER, STRING], STRING, mode="BACKWARD_TRANSITIVE"),
        ask("nul", "a\u0000b.json"),
        {"old": STRING, "new": STRING, "format": "json-schema"},
    )
    process = start("check", "--pairs", "sets/pairs.jsonl", "--format", "jsonl", cwd=here)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    answers = [json.loads(line) for line in out.splitlines()]
    for answer in answers:
        assert_valid("answer", answer)
    assert verdicts(answers) == [
        ("objects", "compatible"), ("paths", "breaking"), ("texts", "breaking"),
        ("booleans", "breaking"), ("deep", "undecided"), (None, "undecided"),
        ("missing", "undecided"), ("number", "undecided"), ("mode", "undecided"),
        ("twice", "undecided"), ("none", "compatible"), ("history", "breaking"),
        ("nul", "undecided"), (None, "compatible"),
    ]  # fmt: skip
    assert "pass: 14 pairs: 3 compatible, 4 breaking, 7 undecided" in err
    assert "there is no file 'nowhere.json'" in answers[6]["findings"][0]["message"]


def test_every_line_that_is_answered_well_is_described_by_the_schema():
    assert VALID["pair"].is_valid(ask("x", mode=None, profile="confluent", policy="lenient"))
    assert not VALID["pair"].is_valid({"id": "x", "old": STRING})


def test_a_pair_that_takes_too_long_costs_only_itself(here):
    huge = {"type": "object", "properties": {f"p{n}": STRING for n in range(400_000)}}
    write(here / "p.jsonl", ask("before"), ask("huge", huge, huge | {"title": "x"}), ask("after"))
    answers = run(here / "p.jsonl", seconds=2.0)
    assert verdicts(answers) == [
        ("before", "compatible"), ("huge", "undecided"), ("after", "compatible"),
    ]  # fmt: skip
    assert "more than 2 seconds" in answers[1]["findings"][0]["message"]


def test_a_worker_that_dies_is_replaced():
    worker = pairs.Worker([".", *OPTIONS, "60"], 60)
    line = json.dumps(ask(1)).encode()
    try:
        assert json.loads(worker.ask(line))["verdict"] == "compatible"
        worker.process.kill()
        worker.process.wait()
        answer = json.loads(worker.ask(line))
        assert (answer["id"], answer["verdict"]) == (1, "undecided")
        assert "ended the process" in answer["findings"][0]["message"]
        assert json.loads(worker.ask(line))["verdict"] == "compatible"
    finally:
        worker.stop()


def test_a_line_without_end_is_answered_and_passed_over(here, monkeypatch):
    monkeypatch.setattr(pairs, "MAX_LINE", 500)
    write(here / "p.jsonl", ask("long", "x" * 5_000), ask("after"))
    answers = run(here / "p.jsonl")
    assert verdicts(answers) == [("long", "undecided"), ("after", "compatible")]


def test_a_worker_that_cannot_start_is_no_verdict():
    worker = pairs.Worker(["."], 60)
    with pytest.raises(TreatyError, match="does not start"):
        worker.ask(b"{}")


def test_a_thousand_pairs_need_one_process(here):
    texts = [STRING, INTEGER, {"enum": ["a", "b"]}, {"enum": ["a"]}]
    lines = [ask(n, texts[n % 4], texts[n // 4 % 4]) for n in range(1_000)]
    write(here / "p.jsonl", *lines)
    answers = run(here / "p.jsonl")
    assert [answer["id"] for answer in answers] == list(range(1_000))
    assert all(
        answer["verdict"] == "compatible" for answer in answers if answer["id"] % 16 in (0, 5)
    )


@pytest.mark.parametrize(
    "line",
    [
        ["check", "--pairs", "nothing.jsonl"],
        ["check", "--pairs", "p.jsonl", "--format", "sarif"],
        ["check", "new.json", "--pairs", "p.jsonl"],
        ["check", "--pairs", "p.jsonl", "--against", "x"],
        ["check", "new.json", "--against", "new.json", "--format", "jsonl"],
        ["check"],
    ],
)
def test_wrong_usage(here, treaty, line):
    (here / "p.jsonl").write_text("")
    (here / "new.json").write_text("{}")
    assert treaty(*line).exit_code == 2


def test_answers_go_to_a_file(here):
    write(here / "p.jsonl", ask("a"))
    process = start("check", "--pairs", "p.jsonl", "-o", "out.jsonl", cwd=here)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert json.loads((here / "out.jsonl").read_text())["id"] == "a"


def test_pairs_come_from_standard_input_too(here):
    process = start("check", "--pairs", "-", cwd=here, stdin=-1)
    process.stdin.write(json.dumps(ask("a")) + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == "a"  # answered before the input ends
    process.communicate(timeout=60)
    assert process.returncode == 0
