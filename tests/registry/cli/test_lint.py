"""`treaty lint` on files: exit codes, rulesets beside a file, baselines, levels, forms."""

import json

import pytest
from cli_world import CONTRACT

from contracts.lint.render import FORMS

RULESET = """
rules:
  summary: {given: "$.paths[*][get,post]", severity: error, then: {field: summary, function: truthy}}
  title: {given: $.info, severity: warn, then: {field: title, function: pattern, functionOptions: {match: ^No}}}
"""


@pytest.fixture
def api(here):
    (here / "api.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: T, version: 1.0.0}\npaths: {/a: {get: {}}, /b: {post: {summary: s}}}\n"
    )
    return here / "api.yaml"


@pytest.fixture
def rules(here):
    (here / "rules.yaml").write_text(RULESET)
    return "rules.yaml"


def words(done):
    return f"{done.stdout}\n---\n{done.stderr}"


def test_findings_at_the_threshold_fail(treaty, api, rules):
    done = treaty("lint", "api.yaml", "-r", rules)
    assert done.exit_code == 1, words(done)
    assert "api.yaml:3:" in done.stdout
    assert "fail: api.yaml: 1 error, 1 warning" in done.stderr
    assert "next: treaty explain summary" in done.stderr


@pytest.mark.parametrize(("severity", "code"), [("error", 0), ("warn", 1), ("hint", 1)])
def test_the_threshold_is_chosen(treaty, api, here, severity, code):
    (here / "rules.yaml").write_text(RULESET.replace("error", "warn"))
    assert (
        treaty("lint", "api.yaml", "-r", "rules.yaml", "--fail-severity", severity).exit_code
        == code
    )


def test_the_ruleset_beside_the_file_is_taken(treaty, api, here):
    (here / ".spectral.yaml").write_text(RULESET)
    assert "summary" in treaty("lint", "api.yaml").stdout
    (here / "treaty-lint.yaml").write_text("rules: {}\n")
    done = treaty("lint", "api.yaml")
    assert done.exit_code == 0, words(done)


def test_without_one_our_own_is_taken(treaty, api):
    done = treaty("lint", "api.yaml")
    assert done.exit_code == 1
    assert "treaty-owner" in done.stdout


def test_a_pack_by_its_name(treaty, api):
    done = treaty("lint", "api.yaml", "-r", "treaty:governance", "--format", "json")
    rules = {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
    assert "treaty-security" in rules


def test_rulesets_extend_files_beside_them(treaty, api, here):
    (here / "rules").mkdir()
    (here / "rules" / "main.yaml").write_text("extends: base.yaml\n")
    (here / "rules" / "base.yaml").write_text(RULESET)
    assert treaty("lint", "api.yaml", "-r", "rules/main.yaml").exit_code == 1
    (here / "rules" / "base.yaml").unlink()
    done = treaty("lint", "api.yaml", "-r", "rules/main.yaml")
    assert done.exit_code == 2
    assert "rules/main.yaml:1:" in done.stderr


@pytest.mark.parametrize("text", ["rules: {a: error}", "a: [", "extends: rules.yaml"])
def test_a_ruleset_that_cannot_be_used(treaty, api, here, text):
    (here / "rules.yaml").write_text(text)
    done = treaty("lint", "api.yaml", "-r", "rules.yaml")
    assert done.exit_code == 2, words(done)
    assert "rules.yaml:1:" in done.stderr


def test_a_file_that_cannot_be_read_does_not_hide_the_others(treaty, api, here, rules):
    (here / "broken.yaml").write_text("a: [")
    done = treaty("lint", "broken.yaml", "api.yaml", "-r", rules)
    assert done.exit_code == 2
    assert "broken.yaml:" in done.stderr
    assert "api.yaml:3:" in done.stdout


def test_a_baseline_lets_known_findings_pass(treaty, api, rules):
    saved = treaty("lint", "api.yaml", "-r", rules, "--save-baseline", "known.json")
    assert saved.exit_code == 0
    assert "next: treaty lint api.yaml --baseline known.json" in saved.stderr
    assert treaty("lint", "api.yaml", "-r", rules, "--baseline", "known.json").exit_code == 0
    api.write_text("# moved\n" + api.read_text().replace("paths: {", "paths: {/c: {get: {}}, "))
    done = treaty("lint", "api.yaml", "-r", rules, "--baseline", "known.json", "--format", "json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert [f["pointer"] for f in told["findings"] if not f["known"]] == ["/paths/~1c/get"]
    assert told["stale"] == []


def test_stale_entries_are_named(treaty, api, rules):
    treaty("lint", "api.yaml", "-r", rules, "--save-baseline", "known.json")
    api.write_text(api.read_text().replace("get: {}", "get: {summary: s}"))
    done = treaty("lint", "api.yaml", "-r", rules, "--baseline", "known.json")
    assert done.exit_code == 0
    assert "summary at /paths/~1a/get" in done.stdout


def test_a_baseline_that_is_none(treaty, api, here, rules):
    (here / "known.json").write_text("[]")
    assert treaty("lint", "api.yaml", "-r", rules, "--baseline", "known.json").exit_code == 2


def test_a_level_is_required(treaty, api, rules):
    done = treaty("lint", "api.yaml", "-r", rules, "--require-level", "silver")
    assert done.exit_code == 1
    assert "silver is required" in done.stderr
    assert "cheapest first" in done.stdout


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_offered(treaty, api, rules, form):
    done = treaty("lint", "api.yaml", "-r", rules, "--format", form)
    assert done.exit_code == 1, words(done)
    assert "summary" in done.stdout


def test_what_is_not_supported_is_said_in_every_form(treaty, api, here):
    (here / "rules.yaml").write_text("extends: '@acme/rules'\n")
    for form in FORMS:
        done = treaty("lint", "api.yaml", "-r", "rules.yaml", "--format", form)
        assert "acme/rules" in words(done), form


def test_standard_input(treaty, rules):
    done = treaty("lint", "-", "-r", rules, text=CONTRACT)
    assert "stdin:" in words(done)


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint",),
        ("lint", "none.yaml"),
        ("lint", "api.yaml", "--fail-severity", "eror"),
        ("lint", "api.yaml", "--baseline", "none.json"),
        ("lint", "api.yaml", "api.yaml", "--save-baseline", "b.json"),
    ],
)
def test_wrong_usage(treaty, api, arguments):
    assert treaty(*arguments).exit_code == 2


def test_explain_knows_the_rules(treaty):
    done = treaty("explain", "treaty-security")
    assert done.exit_code == 0
    assert "lint rule" in done.stdout
    done = treaty("explain", "treaty-securty")
    assert done.exit_code == 2
    assert "treaty-security" in done.stderr


def test_a_text_that_is_no_contract_does_not_pass_in_silence(treaty, api, here):
    (here / "words.yaml").write_text("only words\n")
    assert "words.yaml does not say its format" in treaty("lint", "words.yaml").stderr
    assert "does not say its format" not in treaty("lint", "api.yaml").stderr
