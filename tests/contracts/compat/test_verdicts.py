"""Runs `verdicts.yaml`: two texts and the verdict, through the door that `treaty check` uses."""

import json
from pathlib import Path

import pytest

from contracts.compat.judge import Request, judge
from contracts.compat.mode import Mode, Policy, Profile
from contracts.formats.yaml import parse
from contracts.model import Format

HERE = Path(__file__).parent
CASES = parse((HERE / "verdicts.yaml").read_bytes(), source="verdicts.yaml").root


def _request(case):
    return Request(
        format=Format(case.get("format", "json-schema")),
        mode=Mode(case.get("mode", "backward")),
        profile=Profile(case.get("profile", "containment")),
        policy=Policy(case["policy"]) if "policy" in case else None,
    )


def _text(value):
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_judges_as_the_case_says(case):
    report = judge(_text(case["old"]), _text(case["new"]), _request(case))
    messages = [(f.rule, f.message) for f in report.findings]
    assert report.verdict == case["verdict"], messages
    if "rules" in case:
        assert sorted(f.rule for f in report.findings if f.level != "info") == case["rules"]


def _dense(kind):
    """Return schemas that all refer to each other, so that circles lead everywhere."""
    names = [f"D{i}" for i in range(12)]
    members = {name: {"$ref": f"#/$defs/{name}"} for name in names} | {"v": {"type": kind}}
    definitions = {name: {"type": "object", "properties": members} for name in names}
    return {"anyOf": [{"$ref": "#/$defs/D0"}, {"type": "array"}], "$defs": definitions}


def test_circles_that_lead_everywhere_are_judged():
    old, new = (_text(_dense(kind)) for kind in ("integer", "number"))
    assert judge(old, new, Request()).verdict == "compatible"
    assert judge(new, old, Request()).verdict == "breaking"


def _events(count, kind="string"):
    """Return a union that a constant member tells apart, as events are often written."""
    return {
        "oneOf": [
            {
                "type": "object",
                "required": ["k"],
                "properties": {
                    "k": {"const": f"k{i}"},
                    f"p{i}": {"type": kind if i == 3 else "string"},
                },
            }
            for i in range(count)
        ]
    }


@pytest.mark.parametrize(
    ("new", "verdict"),
    [
        (_events(99), "breaking"),
        (_events(101), "compatible"),
        (_events(100, "integer"), "breaking"),
        (_events(100, ["string", "integer"]), "compatible"),
    ],
    ids=["one less", "one more", "one narrower", "one wider"],
)
def test_a_long_union_is_decided_by_what_tells_its_branches_apart(new, verdict):
    assert judge(_text(_events(100)), _text(new), Request()).verdict == verdict


def test_thousands_of_constants_are_an_enumeration():
    values = [f"value-{i}" for i in range(3_000)]
    branches = _text({"oneOf": [{"const": value} for value in reversed(values)]})
    assert judge(_text({"enum": values}), branches, Request()).findings == ()
    assert judge(branches, _text({"enum": values[1:]}), Request()).verdict == "breaking"
