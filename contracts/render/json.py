"""A report as the machine interface: exactly `Report.as_json()`."""

import json

from contracts.report import Report


def render(report: Report, colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return one JSON object, indented by two."""
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
