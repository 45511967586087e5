"""Every check has an example that fires it; where it can break, the example proves it."""

import pytest

from contracts.compat.checks import CHECKS
from contracts.compat.examples import examples
from contracts.compat.rulebook import entries, entry
from contracts.report import Certainty, Level
from contracts.waivers import RULES

RULE_IDS = sorted(check.id for check in CHECKS)


def test_every_check_has_an_example_and_every_example_a_check():
    assert sorted(examples()) == RULE_IDS


@pytest.mark.parametrize("rule", RULE_IDS)
def test_the_example_fires_its_rule(rule):
    example = examples()[rule]
    found = example.finding()
    assert found is not None
    assert example.place
    if found.certainty is Certainty.PROVEN and found.witness is not None:
        assert {found.witness["accepted_by"], found.witness["rejected_by"]} == {"old", "new"}
    assert found.level in Level


def test_the_rulebook_knows_every_rule_that_a_report_may_hold():
    assert {*RULE_IDS, *RULES, "document-not-readable"} <= set(entries())
    assert entry("a-profile-rule").sentence == "A profile rule."
