"""`treaty explain` on a call, from a snapshot file: each rule's word, offline."""

import json

import pytest
from gateway_world import snapshot

POLICY = b"policy: eu-only\nkind: require-claims\nspec: {require: {claim.region: [eu]}}"


@pytest.fixture
def file(here):
    (here / "snapshot.json").write_bytes(snapshot(POLICY).write())
    return "snapshot.json"


def explained(treaty, file, *more, operation="getProject"):
    result = treaty(
        "explain", "--application", "reader", "--operation", operation, "--snapshot", file,
        "--format", "json", *more,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    return {rule["kind"]: rule for rule in json.loads(result.stdout)["rules"]}


@pytest.mark.parametrize("operation", ["getProject", "psa.projects/getProject"])
def test_each_rule_has_its_word_and_its_place(treaty, file, operation):
    rules = explained(treaty, file, "--claim", "region=us", operation=operation)
    assert "condition-not-met" in rules["require-claims"]["decision"]
    source = rules["require-claims"]["source"]
    assert (source["policy"], source["file"], source["line"]) == ("eu-only", "policies.yaml", 1)
    assert rules["require-scope"]["decision"] == "passes"
    assert rules["mask"]["source"]["pointer"]


def test_a_claim_changes_the_decision(treaty, file):
    rules = explained(treaty, file, "--claim", "region=eu")
    assert rules["require-claims"]["decision"] == "passes"


def test_an_unknown_operation_is_named(treaty, file):
    result = treaty(
        "explain", "--application", "reader", "--operation", "nothing", "--snapshot", file
    )
    assert result.exit_code == 2
    assert "no contract has it" in result.stderr
