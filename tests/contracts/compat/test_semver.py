"""Runs `semver.yaml`: stated versions against the step that a change needs."""

from pathlib import Path

import pytest

from contracts.compat.semver import required
from contracts.formats.yaml import parse
from contracts.report import Bump, Report, Verdict

CASES = parse(Path(__file__).with_name("semver.yaml").read_bytes(), source="semver.yaml").root


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['old']} to {c['new']} for {c['bump']}")
def test_agreement(case):
    report = Report(Verdict.COMPATIBLE, Bump(case["bump"]), ())
    agreement = required(case["old"], case["new"], report)
    assert agreement.agrees is case["agrees"], agreement.message
    assert agreement.suggestion == case["suggestion"]
    assert agreement.message


def test_the_refusal_says_what_to_write():
    report = Report(Verdict.BREAKING, Bump.MAJOR, ())
    agreement = required("1.4.0", "1.5.0", report)
    assert agreement.message == (
        "the change needs a major step, but 1.4.0 to 1.5.0 is a minor one; "
        "the next version is 2.0.0"
    )
    assert agreement.as_json()["stated"] == "minor"
