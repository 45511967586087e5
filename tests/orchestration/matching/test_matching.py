"""Records that are the same thing: cases in `cases/`, under the rules that ship, and laws of names."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import TreatyError
from contracts.formats.yaml import parse_all
from orchestration.expression import NOWHERE, Expression
from orchestration.matching import find, normal
from orchestration.reading import read_matching
from orchestration.shelf import load

RULES = load().matching["customer"][0]
CASES = [
    pytest.param(json.loads(json.dumps(case.root)), id=str(case.root["name"]))
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for case in parse_all(path.read_bytes(), source=path.name)
]
KINDS = st.sampled_from(["identifier", "legal-name", "domain", "text"])


def value(text, record):
    return Expression(text).evaluate(record, NOWHERE)


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    of, among = ("crm.sales", case["of"]), ("erp.finance", case["among"], "reference")
    found = find(RULES, of, among, value)
    expected = case["found"]
    assert (found.key, found.by) == (expected.get("key"), expected.get("by", ""))
    assert [list(each) for each in found.possible] == expected.get("possible", [])


@given(KINDS, st.text(max_size=60))
def test_what_is_normal_stays_normal(kind, text):
    assert normal(kind, normal(kind, text)) == normal(kind, text)


@given(
    st.text(alphabet="xqzÄé .,-&", min_size=1, max_size=20),
    st.sampled_from(["Ltd", "GmbH", "S.A.", "plc"]),
)
def test_a_legal_form_changes_no_name(name, form):
    if normal("legal-name", name):
        assert normal("legal-name", f"{name} {form}") == normal("legal-name", name)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Harbour.example/about", "harbour.example"), ("kim@harbour.example", "harbour.example"),
        ("kim@gmail.com", ""), ("harbour", ""), ("", ""), ("HARBOUR.example.", "harbour.example"),
    ],
)  # fmt: skip
def test_a_domain_is_that_of_the_company(text, domain):
    assert normal("domain", text) == domain


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"{tax_id: identifier}, certain", b"{vat: identifier}, certain", "no view shows 'vat'"),
        (b"  erp: {tax_id: tax_id", b"  psa: {tax_id: tax_id", "`systems` does not name 'psa'"),
        (b"tax_id: identifier}\n", b"tax_id: sounds-like}\n", "Input should be 'identifier'"),
    ],
)
def test_mistakes_are_told(old, new, said):
    text = (Path("orchestration/matching/customer.yaml")).read_bytes()
    assert old in text
    with pytest.raises(TreatyError) as raised:
        read_matching(text.replace(old, new), source="customer.yaml")
    assert said in raised.value.problem.detail
