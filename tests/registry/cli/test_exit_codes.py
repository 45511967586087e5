"""Each exit code by its cases, in text and as JSON; the last words are a verdict and a next step."""

import json
from pathlib import Path

import pytest
from cli_world import CONTRACT

from contracts.formats import yaml

CASES = yaml.parse(
    (Path(__file__).parent / "cases" / "exit-codes.yaml").read_bytes(), source="exit-codes.yaml"
).root
TEXTS = {
    "contract": CONTRACT,
    "broken": CONTRACT.replace("  /rates:\n", "  /fees:\n"),
    "broken-major": CONTRACT.replace("  /rates:\n", "  /fees:\n").replace("1.0.0", "2.0.0"),
}


def prepare(case, here, request):
    for name, text in case.get("files", {}).items():
        (here / name).write_text(TEXTS.get(text, text))
    if "answers" not in case:
        return
    registry = request.getfixturevalue("registry")
    for answer in case["answers"]:
        method, path, status = answer["method"], answer["path"], int(answer.get("status", 200))
        if "slug" in answer:
            registry.problem(method, path, answer["slug"], status)
        else:
            raw = answer["raw"].encode() if "raw" in answer else None
            registry.on(
                method, path, answer.get("body"),
                status=status, raw=raw, headers=answer.get("headers"),
            )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case, here, treaty, request):
    prepare(case, here, request)
    done = treaty(*case["args"])
    shown = f"{done.stdout}\n---\n{done.stderr}"
    assert done.exit_code == int(case["code"]), shown
    for text in case.get("stdout", []):
        assert text in done.stdout, shown
    for text in case.get("stderr", []):
        assert text in done.stderr, shown
    assert "Traceback" not in shown
    assert "\x1b" not in shown
    if case["args"][0] != "help" or done.exit_code:
        *_, verdict, following = done.stderr.strip().splitlines()
        assert verdict.split(":")[0] in ("pass", "fail", "usage", "undecided", "not signed in")
        assert following.startswith("next: ")


def test_every_exit_code_has_a_case():
    assert {int(case["code"]) for case in CASES} == {0, 1, 2, 3, 4}


def test_a_problem_is_the_json_result(treaty, registry):
    errors = [{"detail": "wrong", "pointer": "/a", "file": "f.yaml", "line": 3, "column": 5}]
    registry.problem("GET", "/v1/services", "forbidden", 403, "No.", errors=errors, policy="p")
    done = treaty("services", "list", "--format", "json")
    problem = json.loads(done.stdout)
    assert problem["type"] == "urn:treaty:problem:forbidden"
    assert problem["errors"] == errors
    assert problem["policy"] == "p"
    assert "f.yaml:3:5 /a" in done.stderr


def test_check_json_is_the_report_and_nothing_else(treaty, contract, broken):
    done = treaty("check", broken, "--against", contract, "--format", "json")
    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert report["verdict"] == "breaking"
    assert set(report) >= {"schema_version", "verdict", "required_bump", "findings", "stats"}
    removed = next(finding for finding in report["findings"] if finding["level"] == "error")
    assert removed["old"]["pointer"].startswith("/paths/~1rates")
    assert removed["old"]["line"] == 19


def test_check_json_has_a_verdict_even_when_nothing_can_be_read(treaty, contract, here):
    (here / "bad.yaml").write_text("a: [b")
    done = treaty("check", "bad.yaml", "--against", contract, "--format", "json")
    report = json.loads(done.stdout)
    assert done.exit_code == 3
    assert report["verdict"] == "undecided"
    (finding,) = report["findings"]
    assert finding["rule"] == "document-not-readable"
    assert finding["certainty"] == "undecided"
    assert (finding["old"], finding["new"]["file"]) == (None, "bad.yaml")


def test_validation_issues_stand_beside_the_verdict(treaty, contract, here):
    (here / "odd.yaml").write_text(contract.read_text().replace("description: Rates", "x: Rates"))
    done = treaty("check", "odd.yaml", "--against", contract)
    assert done.exit_code == 0, done.stderr
    assert "note: odd.yaml:" in done.stderr


def test_a_defect_is_one_line_unless_debugging(treaty, monkeypatch):
    monkeypatch.setattr("registry.cli.project.find", lambda _: 1 / 0)
    done = treaty("doctor")
    assert done.exit_code == 3
    assert "a defect in Treaty" in done.stderr
    assert "Traceback" not in done.stderr
    monkeypatch.setenv("TREATY_DEBUG", "1")
    assert isinstance(treaty("doctor").exception, ZeroDivisionError)
