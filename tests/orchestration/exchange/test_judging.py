"""Files judged: cases in `cases/`, and the law that no row is lost."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.formats import read, yaml
from orchestration.exchange.judging import Judge, groups
from orchestration.exchange.settings import ExchangeSettings

ROW = read(json.dumps({
    "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Row", "type": "object",
    "additionalProperties": False, "required": ["project", "hours"],
    "properties": {
        "project": {"type": "string", "pattern": "^P[0-9]+$"},
        "hours": {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?$"},
        "day": {"type": "string", "format": "date"}, "note": {"type": "string"},
        "count": {"type": "integer"}, "billable": {"type": "boolean"},
    },
}).encode(), source="row.json")  # fmt: skip
HERE = Path(__file__).parent / "cases"
CASES = [
    pytest.param(case, id=case["name"])
    for path in sorted(HERE.glob("*.yaml"))
    for case in yaml.parse(path.read_bytes(), source=path.name).root
]


def judge(content, told=None, **settings):
    schema = {"contract": "test.row", "version": "1.0.0"}
    made = ExchangeSettings(url="memory://x", schema=schema, **settings)
    return Judge(made, ROW).judge(io.BytesIO(content), told)


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    content = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
    judged = judge(content, case.get("control"), **case.get("settings", {}))
    assert (judged.refused, judged.refused_line) == (case.get("refused", ""), case.get("line", 0))
    if "refused" not in case:
        assert judged.accepted == case["accepted"]
        assert [[r.line, r.field, r.reason] for r in judged.rejects] == case.get("rejects", [])
    else:
        assert judged.accepted == []


def test_a_workbook_is_read_like_a_table():
    book, file = openpyxl.Workbook(), io.BytesIO()
    for cells in (
        ("project", "hours", "day"),
        ("P1", "1.5", None),
        (None, None, None),
        ("P2", 2, "2026-03-02"),
    ):
        book.active.append(cells)
    book.save(file)
    judged = judge(file.getvalue(), format="xlsx")
    assert judged.accepted == [
        {"project": "P1", "hours": "1.5"},
        {"project": "P2", "hours": "2", "day": "2026-03-02"},
    ]


def test_a_workbook_that_unpacks_to_too_much_is_refused():
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["x" * 30_000] * 40)
    book.save(file)
    judged = judge(file.getvalue(), format="xlsx", max_bytes=1_000)
    assert judged.refused == "it unpacks to more than a workbook may have"


@given(
    st.lists(
        st.tuples(st.sampled_from(["P1", "P2", "X"]), st.sampled_from(["1", "2.25", "many"])),
        min_size=1,
    )
)
def test_every_row_is_taken_or_told(given_rows):
    text = "project,hours\n" + "".join(f"{project},{hours}\n" for project, hours in given_rows)
    judged = judge(text.encode(), {"rows": len(given_rows)}, control=True)
    assert not judged.refused
    assert len(judged.accepted) + judged.rejected == len(given_rows)
    lines = {reject.line for reject in judged.rejects}
    good = [
        dict(zip(("project", "hours"), row, strict=True))
        for line, row in enumerate(given_rows, 2)
        if line not in lines
    ]
    assert judged.accepted == good
    parts = list(groups(judged.accepted, ("project",), 3))
    assert sum(len(rows) for _, rows in parts) == len(good)
    assert all(
        len(rows) <= 3 and {row["project"] for row in rows} == {key["project"]}
        for key, rows in parts
    )


@given(st.binary(max_size=400), st.sampled_from(["csv", "jsonl", "xlsx"]))
def test_no_bytes_break_the_reader(content, form):
    judged = judge(content, format=form)
    assert judged.digest.startswith("sha256:")
    assert judged.refused or judged.accepted or judged.rejected
