"""The audit of coverage: every edit of the object model has a row, and every row tells the truth."""

from datetime import date

import pytest

from contracts.compat.checks import CHECKS
from contracts.compat.coverage.keywords import KEYWORDS
from contracts.compat.coverage.ledger import CONTAINMENT, ROWS, decisions
from contracts.compat.coverage.locations import Location, contract, locations
from contracts.compat.coverage.objects import OBJECTS
from contracts.compat.coverage.page import render
from contracts.compat.run import compare

ON = date(2026, 11, 23)
IDS = {check.id for check in CHECKS}
DECISIONS = list(decisions())


def rules(location, old, new):
    return {
        f.rule for f in compare(contract(location, old), contract(location, new), on=ON).findings
    }


def test_no_edit_is_unexplained():
    gaps = [f"{d.location.name} | {d.edit.name}" for d in DECISIONS if d.row is None]
    assert gaps == []


def test_every_edit_is_reported_by_the_check_that_the_ledger_names():
    lies = []
    for d in DECISIONS:
        if d.row is None or not d.row.check:
            continue
        found = rules(d.location, d.edit.old, d.edit.new)
        if not (found if d.row.check == CONTAINMENT else d.row.check in found):
            lies.append(f"{d.location.name} | {d.edit.name}: {d.row.check}, found {sorted(found)}")
    assert lies == []


def test_rows_name_checks_or_give_reasons():
    for row in ROWS:
        assert bool(row.check) is not bool(row.reason), row
        assert not row.check or row.check in IDS | {CONTAINMENT}, row


def test_no_row_is_idle():
    used = {id(d.row) for d in DECISIONS}
    assert [row for row in ROWS if id(row) not in used] == []


def test_what_is_waived_is_not_reported():
    """A pattern that is too wide would hide an edit that some check does report."""
    hidden = [
        f"{d.location.name} | {d.edit.name}"
        for d in DECISIONS
        if d.row and not d.row.check and rules(d.location, d.edit.old, d.edit.new)
    ]
    assert hidden == []


def test_the_model_names_objects_that_exist():
    assert len(list(locations())) > 700
    assert {o for place in locations() for o, _ in place.steps} == set(OBJECTS)


def place(*fields):
    steps, owner = [], "OpenAPI"
    for name in fields:
        steps.append((owner, name))
        owner = OBJECTS[owner][name].of
    return Location(tuple(steps))


REQUEST = place("paths", "post", "requestBody", "content", "schema")
RESPONSE = place("paths", "post", "responses", "content", "schema")


@pytest.mark.parametrize("keyword", KEYWORDS, ids=lambda keyword: keyword.name)
def test_every_keyword_of_a_schema_is_looked_at(keyword):
    found = rules(REQUEST, keyword.old, keyword.new) | rules(RESPONSE, keyword.old, keyword.new)
    if keyword.reason:
        assert found == set()
    else:
        assert found if keyword.check == CONTAINMENT else keyword.check in found


def test_the_page_tells_the_figures():
    page = render()
    assert f"{len(DECISIONS)} edits" in page
    assert "waived: words for people" in page
