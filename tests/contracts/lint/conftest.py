"""Makes findings and reports from the short forms of case files."""

import pytest

from contracts.document import Place
from contracts.lint.reading import WORDS
from contracts.lint.report import LintFinding, LintReport
from contracts.lint.rule import Unsupported


def finding(short):
    file, line, column, pointer = short["at"].split(" ")
    return LintFinding(
        rule=short["rule"],
        severity=WORDS[short["severity"]],
        message=short.get("message", "it is wrong"),
        path=tuple(pointer.split("/")[1:]),
        place=Place(pointer.replace("$", ""), file, int(line), int(column)),
        missing=tuple(short.get("missing", [])),
        documentation=short.get("documentation", ""),
        fix=short.get("fix", ""),
    )


@pytest.fixture(scope="session")
def report():
    def make(case):
        return LintReport(
            source=case.get("source", "api.yaml"),
            findings=tuple(finding(short) for short in case["findings"]),
            unsupported=tuple(Unsupported(what, ("r",)) for what in case.get("unsupported", [])),
            rules=tuple(case.get("rules", [])),
            stats={"seconds": 0.01},
        )

    return make
