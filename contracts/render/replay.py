"""Witnesses as files: each a value that one version accepts and the other rejects, for replay.

Called by `treaty check --witness-dir`, which writes what this room makes.
"""

import json
import re
from collections.abc import Mapping

from contracts.report import SCHEMA_VERSION, Finding, Level, Report

README = "README.md"
NAME = re.compile(r"[0-9a-f]{32}\.json")

_README = """# Witnesses

Each `*.json` here proves one breaking finding. Its name is the finding's fingerprint.

| member | what |
|---|---|
| `rule`, `level`, `direction`, `operation`, `message` | the finding |
| `old`, `new` | where it stands: `file`, `pointer` (RFC 6901), `line`, `column` |
| `old_version`, `new_version` | what the two contracts call themselves |
| `witness.kind` | `request`, `response` (a message of the operation) or `instance` (a JSON value) |
| `witness.value` | the value itself |
| `witness.accepted_by`, `witness.rejected_by` | `old` or `new` |

## Replay

- `instance`: validate `witness.value` against both JSON Schemas. The side in `accepted_by` must
  accept it, the side in `rejected_by` must not.
- `request`: its members are `method`, `path` (the template) and, where they are sent,
  `path_parameters`, `query`, `headers`, `cookies`, `content_type` and `body`. Send it to a provider of
  each version, or validate it against each contract. A provider of the rejecting version may refuse it.
- `response`: its members are `method`, `path`, `status` and, where they are sent, `headers`,
  `content_type` and `body`. Hand it to a consumer that was built on the rejecting version; this is
  what it must expect from the accepting one.

`treaty explain RULE` says why a rule breaks. The next run replaces these files and removes those
whose finding is gone.
"""


def files(report: Report) -> Mapping[str, bytes]:
    """Return the files by name: one for each error that has a witness, and the README."""
    made = {README: _README.encode()}
    for finding in report.findings:
        if finding.level is Level.ERROR and finding.witness is not None:
            text = json.dumps(_content(finding, report), indent=2, ensure_ascii=False)
            # A lone surrogate of a hostile value has no UTF-8 form; it stays an escape.
            made[f"{finding.fingerprint}.json"] = text.encode(errors="backslashreplace") + b"\n"
    return made


def is_ours(name: str, content: bytes) -> bool:
    """Return whether a file was written here: named by a fingerprint and holding that very one."""
    if not NAME.fullmatch(name):
        return False
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(held, dict) and held.get("fingerprint") == name.removesuffix(".json")


def _content(finding: Finding, report: Report) -> dict[str, object]:
    told = finding.as_json()
    kept = ("rule", "level", "direction", "operation", "message", "fingerprint", "certainty")
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: told[name] for name in kept},
        "old_version": report.old_version,
        "new_version": report.new_version,
        "old": told["old"],
        "new": told["new"],
        "witness": told["witness"],
        "waived": told["waived"],
    }
