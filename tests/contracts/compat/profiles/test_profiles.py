"""Runs `<profile>/<family>.yaml`: which differences are found, and whether each policy lets them pass.

One runner for both profiles; `strict` and `lenient` say whether the registry calls it compatible.
"""

from pathlib import Path

import pytest

from contracts.compat.mode import Mode, Policy, Profile
from contracts.compat.profiles import judge
from contracts.compat.profiles.emulation import EMULATIONS, rule
from contracts.document import Document
from contracts.formats.yaml import parse
from contracts.report import Certainty, Level, Verdict

HERE = Path(__file__).parent
# Names that the table keeps for old reports; the registry has split them since.
SILENT = {Profile.CONFLUENT: {"PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"}, Profile.APICURIO: set()}


def load(profile):
    for path in sorted((HERE / profile.value).glob("*.yaml")):
        for case in parse(path.read_bytes(), source=path.name).root:
            yield pytest.param(profile, case, id=f"{profile.value}: {path.stem}: {case['name']}")


CASES = [case for profile in EMULATIONS for case in load(profile)]


def sides(case):
    draft = case.get("draft", "draft-07")
    separator = "-" if draft[0] == "d" else "/"
    uri = f"http://json-schema.org/draft{separator}{draft.removeprefix('draft-')}/schema#"
    for side in ("old", "new"):
        value = case[side]
        value = {"$schema": uri, **value} if isinstance(value, dict) else value
        yield Document(f"{side}.json", value, {})


@pytest.mark.parametrize(("profile", "case"), CASES)
@pytest.mark.parametrize("policy", list(Policy))
def test_finds_what_the_registry_finds(profile, case, policy):
    report = judge(profile, *sides(case), Mode.BACKWARD, policy)
    names = case.get(f"{policy.value}_expect", case["expect"])
    assert sorted(f.rule for f in report.findings) == sorted(rule(profile, n) for n in names)
    passes = case.get(policy.value, case["strict"])
    assert report.verdict is (Verdict.COMPATIBLE if passes else Verdict.BREAKING)
    for finding in report.findings:
        assert finding.certainty is Certainty.NOTED
        assert finding.witness is None
        entry = EMULATIONS[profile].table[finding.rule.split("-", 1)[1].upper().replace("-", "_")]
        assert entry.sentence in finding.message


@pytest.mark.parametrize(("profile", "case"), CASES)
def test_forward_asks_the_other_way_round(profile, case):
    old, new = sides(case)
    backward = judge(profile, old, new, Mode.BACKWARD, Policy.STRICT)
    forward = judge(profile, new, old, Mode.FORWARD_TRANSITIVE, Policy.STRICT)
    assert forward.verdict is backward.verdict
    assert {f.rule for f in forward.findings} == {f.rule for f in backward.findings}
    assert {f.old.file for f in forward.findings} <= {"new.json"}


@pytest.mark.parametrize("profile", list(EMULATIONS))
def test_every_difference_has_a_case(profile):
    seen = {
        name
        for param in CASES
        if param.values[0] is profile
        for key in ("expect", "lenient_expect")
        for name in param.values[1].get(key, [])
    }
    table = EMULATIONS[profile].table
    assert sorted(table.keys() - seen - SILENT[profile]) == []
    assert sorted(seen - table.keys()) == []


def test_the_confluent_table_has_its_three_classes():
    table = EMULATIONS[Profile.CONFLUENT].table.values()
    assert len(table) == 132
    assert sum(entry.strict for entry in table) == 65
    assert sum(entry.lenient and not entry.strict for entry in table) == 9


@pytest.mark.parametrize("profile", list(EMULATIONS))
def test_a_level_is_an_error_only_where_the_policy_refuses(profile):
    for param in (p for p in CASES if p.values[0] is profile):
        report = judge(profile, *sides(param.values[1]), Mode.FULL, Policy.STRICT)
        for finding in report.findings:
            name = finding.rule.split("-", 1)[1].upper().replace("-", "_")
            strict = EMULATIONS[profile].table[name].strict
            assert finding.level is (Level.INFO if strict else Level.ERROR)
