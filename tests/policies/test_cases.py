"""Runs the case files: calls against compiled rules, and documents that must be refused."""

from pathlib import Path

import pytest
from psa_world import compiled

from contracts.errors import TreatyError
from contracts.formats import yaml
from policies.kinds import KINDS

HERE = Path(__file__).parent / "cases"


def cases(*paths):
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in paths
        for case in yaml.parse(path.read_bytes(), source=path.name).root
    ]


CALLS = sorted(path for path in HERE.glob("*.yaml") if path.stem != "documents")


def test_every_kind_has_cases():
    # Masks and validation are judged by bodies, in test_mask.py, test_transform.py, test_compression.py and validation/
    assert {path.stem for path in CALLS} == set(KINDS) - {
        "mask",
        "transform",
        "compression",
        "validate-request",
        "validate-response",
    }


@pytest.mark.parametrize("case", cases(*CALLS))
def test_calls(case, world):
    governed = world(case.get("policies", "").encode(), **case.get("version", {}))
    governed.ports.clock = case.get("at", governed.ports.clock)
    for _ in range(case.get("times", 1)):
        exchange, rule, denial = governed.call(
            case.get("operation", "getProject"), case["headers"], case.get("length")
        )
    if "denied" in case:
        assert rule is not None, exchange
        assert rule.kind == case["denied"]
        assert denial.problem.type.slug == case["slug"]
        assert denial.problem.type.status == case["status"]
        assert case.get("says", "") in denial.problem.detail
        assert case.get("members", {}).items() <= denial.problem.as_json().items()
        if "header" in case:
            assert tuple(case["header"]) in denial.headers
    else:
        assert denial is None
        assert exchange.application is not None
    if "absent" in case:
        assert case["absent"] not in dict(exchange.added_headers)
    if "added" in case:
        assert tuple(case["added"]) in exchange.added_headers


@pytest.mark.parametrize("case", cases(HERE / "documents.yaml"))
def test_documents(case):
    with pytest.raises(TreatyError) as refused:
        compiled(case["text"].encode())
    problem = refused.value.problem
    assert problem.type.slug == case["slug"], problem.detail
    assert problem.errors[0].line == case["line"]
    assert case.get("says", "") in problem.detail
