"""`treaty check` as people and pipelines use it: modes, files it writes, waivers, unreadable texts."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from cli_world import CONTRACT, start
from valid import assert_valid

SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}
OLD = SCHEMA | {"properties": {"status": {"enum": ["OPEN", "DONE"]}}}
NEW = SCHEMA | {"properties": {"status": {"enum": ["OPEN"]}}}
WAIVER = """\
schema_version: "1"
waivers:
- rule: enum-value-removed
  pointer: /properties/*/enum
  reason: Nobody sends it.
  owner: delivery
  approver: board
  expires: {expires}
"""


@pytest.fixture
def schemas(here):
    (here / "old.json").write_text(json.dumps(OLD))
    (here / "new.json").write_text(json.dumps(NEW))
    return here


def report_of(done, code):
    assert done.exit_code == code, done.output
    report = json.loads(done.stdout)
    assert_valid("report", report)
    return report


def test_the_report_holds_a_witness(schemas, treaty):
    report = report_of(treaty("check", "new.json", "--against", "old.json", "--format", "json"), 1)
    (finding,) = report["findings"]
    assert finding["rule"] == "enum-value-removed"
    assert finding["certainty"] == "proven"
    assert finding["witness"] == {
        "kind": "instance", "value": {"status": "DONE"}, "accepted_by": "old", "rejected_by": "new",
    }  # fmt: skip
    assert finding["old"]["file"] == "old.json"


@pytest.mark.parametrize(
    ("mode", "code"), [("BACKWARD", 1), ("Forward", 0), ("full", 1), ("NONE", 0)]
)
def test_modes_in_any_case(schemas, treaty, mode, code):
    done = treaty("check", "new.json", "--against", "old.json", "--mode", mode)
    assert done.exit_code == code


def test_a_transitive_mode_looks_at_every_version(schemas, treaty):
    (schemas / "mid.json").write_text(json.dumps(NEW))
    line = ["check", "new.json", "--against", "old.json", "--against", "mid.json"]
    done = treaty(*line, "--mode", "backward_transitive", "--format", "json")
    report = report_of(done, 1)
    assert report["findings"][0]["old"]["file"] == "old.json"
    assert "and 1 before it" in done.stderr
    assert treaty(*line).exit_code == 2
    assert treaty("check", "new.json", "--mode", "full_transitive").exit_code == 2


@pytest.mark.parametrize("side", ["old.json", "new.json"])
@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1, "a": 2}', "\x00"])
def test_an_unreadable_text_is_a_finding_in_a_valid_report(schemas, treaty, side, text):
    (schemas / side).write_text(text)
    report = report_of(treaty("check", "new.json", "--against", "old.json", "--format", "json"), 3)
    assert report["verdict"] == "undecided"
    (finding,) = report["findings"]
    assert finding[side.removesuffix(".json")]["file"] == side
    assert "cannot be read" in finding["message"]


def test_a_revision_that_is_not_there_is_a_finding_too(schemas, treaty):
    done = treaty("check", "new.json", "--against", "HEAD:old.json", "--format", "json")
    (finding,) = report_of(done, 3)["findings"]
    assert finding["old"]["file"] == "HEAD:old.json"


def test_a_defect_of_ours_is_undecided_and_still_a_report(schemas, treaty, monkeypatch):
    monkeypatch.setattr("contracts.compat.judge.compare", lambda *_, **__: 1 / 0)
    done = treaty("check", "new.json", "--against", "old.json", "--format", "json")
    assert "ZeroDivisionError" in report_of(done, 3)["findings"][0]["message"]


def test_witnesses_are_files_that_a_test_can_replay(schemas, treaty):
    folder = schemas / "out" / "witnesses"
    folder.mkdir(parents=True)
    stale, foreign = folder / f"{'a' * 32}.json", folder / f"{'b' * 32}.json"
    stale.write_text(json.dumps({"fingerprint": stale.stem}))
    foreign.write_text(json.dumps({"mine": True}))
    line = ["check", "new.json", "--against", "old.json", "--witness-dir", folder]
    done = treaty(*line, "--format", "json")
    (finding,) = report_of(done, 1)["findings"]
    assert "witnesses: 1 in" in done.stderr
    assert {path.name for path in folder.iterdir()} == {
        "README.md", foreign.name, f"{finding['fingerprint']}.json",
    }  # fmt: skip
    written = json.loads((folder / f"{finding['fingerprint']}.json").read_text())
    assert written["witness"] == finding["witness"]
    assert written["old"]["pointer"] == finding["old"]["pointer"]
    assert "Replay" in (folder / "README.md").read_text()
    (schemas / "new.json").write_text(json.dumps(OLD))
    assert treaty(*line).exit_code == 0
    assert {path.name for path in folder.iterdir()} == {"README.md", foreign.name}


@pytest.mark.parametrize(
    ("expires", "code", "said"),
    [("2999-01-01", 0, "waived until 2999-01-01"), ("2020-01-01", 1, "waiver-expired")],
)
def test_waivers_from_a_file(schemas, treaty, expires, code, said):
    (schemas / "waivers.yaml").write_text(WAIVER.format(expires=expires))
    line = ["check", "new.json", "--against", "old.json", "--waivers", "waivers.yaml"]
    done = treaty(*line)
    assert done.exit_code == code
    assert said in " ".join(done.stdout.split())
    report = report_of(treaty(*line, "--format", "json"), code)
    assert report["findings"][-1]["waived"] is (code == 0)


def test_a_mistake_in_the_waivers_is_wrong_usage_with_its_line(schemas, treaty):
    (schemas / "waivers.yaml").write_text(WAIVER.format(expires="soon"))
    done = treaty("check", "new.json", "--against", "old.json", "--waivers", "waivers.yaml")
    assert done.exit_code == 2
    assert "waivers.yaml:8:3 /waivers/0/expires" in done.stderr


def test_the_result_goes_to_a_file(schemas, treaty):
    target = schemas / "deep" / "report.json"
    done = treaty("check", "new.json", "--against", "old.json", "--format", "json", "-o", target)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert_valid("report", json.loads(target.read_text()))
    assert [path.name for path in target.parent.iterdir()] == ["report.json"]


@pytest.mark.parametrize("profile", ["confluent", "Apicurio"])
def test_another_registry_is_quoted(schemas, treaty, profile):
    line = ["check", "new.json", "--against", "old.json", "--profile", profile]
    report = report_of(treaty(*line, "--format", "json"), 1)
    rule = report["findings"][0]["rule"]
    assert rule.startswith(f"{profile.lower()}-")
    done = treaty("explain", rule)
    assert done.exit_code == 0
    assert "decides by this rule" in done.stdout
    assert report_of(treaty(*line, "--mode", "none", "--format", "json"), 0)["findings"] == []


def test_every_form_reaches_stdout(schemas, treaty):
    def shown(form):
        done = treaty("check", "new.json", "--against", "old.json", "--format", form)
        assert done.exit_code == 1
        return done.stdout

    assert shown("html").startswith("<!DOCTYPE html>")
    assert shown("github").startswith("::error file=new.json,")
    assert json.loads(shown("gitlab"))[0]["location"]["path"] == "new.json"
    assert json.loads(shown("sarif"))["version"] == "2.1.0"
    assert ET.fromstring(shown("junit")).tag == "testsuites"
    assert "### ❌ breaking" in shown("markdown")
    assert "witness: an instance that old accepts and new rejects" in shown("text")


def test_diff_has_every_form_too(schemas, treaty):
    done = treaty("diff", "old.json", "new.json", "--format", "sarif")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["runs"][0]["results"]


def test_an_empty_schema_is_one_when_the_command_says_so(here, treaty):
    (here / "any.json").write_text("true")
    line = ["check", "any.json", "--against", "any.json"]
    assert treaty(*line, "--as", "json-schema").exit_code == 0
    assert treaty(*line, "--as", "openapi").exit_code == 3


def test_the_schema_of_a_report_is_printed(treaty):
    done = treaty("schema", "report")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["$id"] == "urn:treaty:schema:report:1"
    assert treaty("schema", "repotr").exit_code == 2


def test_a_rule_is_explained_with_an_example_and_its_witness(treaty):
    done = treaty("explain", "enum-value-removed")
    assert done.exit_code == 0
    for said in ("why: ", "way out: ", "old  {type: string, enum: [A, B]}", "witness: a request"):
        assert said in done.stdout
    told = json.loads(treaty("explain", "enum-value-removed", "--format", "json").stdout)
    assert told["example"]["witness"]["value"]["body"] == "B"
    assert told["levels"]["request"] == "error"
    assert "approved again" in treaty("explain", "waiver-expired").stdout


def test_a_changelog_between_two_files_and_since_a_revision(schemas, treaty):
    done = treaty("changelog", "old.json", "new.json")
    assert done.exit_code == 0
    assert done.stdout.startswith("Changes\n1 change; needs a major version.\n\nBreaking\n")
    told = json.loads(treaty("changelog", "old.json", "new.json", "--format", "json").stdout)
    assert_valid("changelog", told)
    assert treaty("changelog", "new.json").exit_code == 2
    assert treaty("changelog", "old.json", "new.json", "--from", "HEAD").exit_code == 2
    assert treaty("changelog", "new.json", "--from", "nothing").exit_code == 3


def test_a_real_process_on_a_narrow_terminal_says_the_same(here):
    (here / "old.yaml").write_text(CONTRACT)
    (here / "new.yaml").write_text(CONTRACT.replace("  /rates:\n", "  /fees:\n"))
    process = start("check", "new.yaml", "--against", "old.yaml", "--format", "json", cwd=here)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert_valid("report", json.loads(out))
    assert re.search(r"^fail: breaking", err, re.MULTILINE)
