"""Real contracts, and a real vendor's ruleset, where they are at hand beside the clone."""

from pathlib import Path

import pytest

from contracts import library
from contracts.formats.yaml import parse
from contracts.lint.judgement import judge
from contracts.lint.render import render
from contracts.lint.ruleset import default, loads
from contracts.lint.run import lint

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"
RULESET = CORPUS / "xero-spectral-ruleset.yaml"
# What a vendor's ruleset looks like, for a clone that stands alone.
OURS = b"""
extends: ["@stoplight/spectral-owasp-ruleset"]
rules:
  operation-summary:
    given: "$.paths[*][get,post,put,patch,delete]"
    severity: warn
    then: {field: summary, function: truthy}
  owasp:api4:2023-string-limit: off
  info-contact: {severity: warn, given: $.info.contact, then: {function: truthy}}
"""


def documents():
    found = sorted(CORPUS.glob("*/*.yaml"))
    if found:
        yield from ((path.name, path.read_bytes()) for path in found)
    else:
        yield from ((name, library.text(name)) for name in library.names())


@pytest.fixture(scope="module")
def vendor():
    text = RULESET.read_bytes() if RULESET.is_file() else OURS
    return loads(text, "vendor.yaml", {}.__getitem__)


def test_a_vendors_ruleset_loads_and_lists_what_it_lacks(vendor):
    said = " ".join(map(str, vendor.unsupported))
    assert "@stoplight/spectral-owasp-ruleset" in said
    assert "JavaScript" not in said
    assert len(vendor.unsupported) == 1  # the package alone: every rule of the file itself runs


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_it_lacks_is_named_in_the_output(form, vendor):
    name, text = next(documents())
    report = lint(parse(text, source=name), vendor)
    told = " ".join(render([judge(report)], form).split())
    for part in report.unsupported:
        assert str(part) in told
    assert {rule.name for rule in vendor.rules.values() if rule.active} >= set(report.rules)
    assert not {name for part in report.unsupported for name in part.rules} & set(report.rules)


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(*each, id=each[0]) for each in documents()]
)
def test_every_contract_is_linted_by_it_and_by_ours(name, text, vendor):
    document = parse(text, source=name)
    for ruleset in (vendor, default()):
        report = lint(document, ruleset)
        assert {f.place.pointer for f in report.findings} <= set(document.positions)
        assert report.rules
        assert len({(f.rule, f.path, f.message) for f in report.findings}) == len(report.findings)
