"""Every break in the case files shows a witness, and the promises judge it as it says."""

from pathlib import Path

import pytest

from contracts.compat.mode import Mode
from contracts.compat.run import compare
from contracts.formats.yaml import parse
from contracts.refs import Resolver
from contracts.report import Certainty, Level
from contracts.witness.promises import accepts_request, accepts_response
from contracts.witness.world import World

CASES = Path(__file__).parents[1] / "compat" / "cases"


def _cases():
    for path in sorted(CASES.glob("*.yaml")):
        for case in parse(path.read_bytes(), source=path.name).root:
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", list(_cases()))
def test_a_break_is_proven_and_nothing_else_breaks(case, sides, on):
    old, new = sides(case)
    mode = Mode(case.get("mode", "backward"))
    for finding in compare(old, new, mode=mode, on=on).findings:
        assert (finding.level is Level.ERROR) == (finding.certainty is Certainty.PROVEN)
        assert (finding.level is Level.ERROR) == (finding.witness is not None), finding
        if finding.witness is not None:
            _judged_as_it_says(finding.witness, {"old": old, "new": new})


def _judged_as_it_says(witness, contracts):
    value = witness["value"]
    assert {witness["accepted_by"], witness["rejected_by"]} == {"old", "new"}
    if witness["kind"] == "instance" or "method" not in value or "stated" in str(value):
        return  # judged by tests of containment; a statement is read from the documents
    judge = accepts_request if witness["kind"] == "request" else accepts_response
    ours, theirs = (
        World(contracts[witness[side]], Resolver(contracts[witness[side]].document))
        for side in ("accepted_by", "rejected_by")
    )
    assert judge(ours, value)
    assert not judge(theirs, value, writes=False)
