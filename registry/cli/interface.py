"""docs/machine-interface.md, made from the shipped schemas and exit codes; written by `make docs`."""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts import interface
from registry.cli.exits import MEANING
from registry.cli.questions import REPORT_FORMS

_HEAD = """# The machine interface

What scripts and pipelines may rely on. Generated from the schemas in `contracts/interface/`, which
`treaty schema NAME` prints; do not edit. Members may be added under the same `schema_version`; none
is removed or changes its meaning. Ignore members that you do not know.

## `treaty check NEW --against OLD --format json`

stdout carries exactly one JSON object, the report, whatever the texts hold; the talk is on stderr.
A text that cannot be read gives the verdict `undecided`, with a finding whose rule is the slug of the
problem (`docs/problems.md`) and whose place is where reading ended. Only wrong usage (exit code 2) and
missing credentials (4) end without a report.

| exit code of `check` | meaning |
| --- | --- |
| 0 | `compatible`; with `--pairs`: every line was answered |
| 1 | `breaking`, also when the version announces it |
| 3 | `undecided` |
"""

_OTHERS = """
Other exit codes, shared by all commands:

| exit code | meaning |
| --- | --- |
"""

_OPTIONS = """
`--mode`, `--profile` and `--policy` take their values in any case. The `_transitive` modes take
`--against` several times, oldest version first; the worst verdict stands, and a finding that several
versions share is named once, at the newest. `--against REV:path` reads a file from git.

`--profile confluent` and `--profile apicurio` judge JSON Schemas by the rules of those registries.
`--policy lenient` takes a member that only the other side declares as not sent; `strict` reads an open
content model to the letter. By default JSON Schemas are read strictly, other contracts leniently.

`--format` is one of FORMS; the other forms carry the same findings. `diff` prints the same report and leaves
with 0 unless `--exit-code` is given. `-o FILE` writes the result in one step.
"""

_WITNESSES = """
## `treaty check --witness-dir DIR`

Writes `<fingerprint>.json` for every finding of level `error` that has a witness, and a README.md
that says how to replay it: the members of the finding, `old_version`, `new_version` and `witness`. Files are
replaced in one step; those of an earlier run whose finding is gone are removed.
"""

_PAIRS = """
## `treaty check --pairs FILE --format jsonl`

Reads one question a line (JSON Lines, UTF-8; `-` is standard input) and answers each with one line, in
order, flushed at once. Lines that hold nothing are passed over. A line that is broken, a text that
cannot be read and a pair that takes longer than `--seconds` or ends the process that judges it are
answered with `undecided` and a finding; their neighbours do not notice. `--mode`, `--profile` and `--policy`
hold where a line names none. The exit code is 0 unless the run could not start or read the file.

```
{"id": 1, "old": {"type": "string"}, "new": "next.json", "format": "json-schema", "mode": "full"}
```
"""

_WAIVERS = """
## `treaty check --waivers FILE`

A waiver lets a finding of level `error` or `warning` stand: it is still listed, with `waived: true` and the
`waiver`, and no longer counts in the verdict. The required bump stays. After its last day a waiver
waives nothing and is itself a finding, `waiver-expired`, of level `error`. One that covers nothing is
named by `waiver-unused`. What cannot be read can never be waived.

```yaml
schema_version: "1"
waivers:
- rule: operation-removed
  pointer: /paths/~1rates/get
  reason: Only the portal called it, and it moved in May.
  owner: delivery
  approver: api-board
  expires: 2027-03-31
```
"""


def render() -> str:
    """Return the page."""
    others = (f"| {int(code)} | {text} |\n" for code, text in MEANING.items())
    forms = ", ".join(f"`{form}`" for form in REPORT_FORMS)
    parts = [_HEAD, _OTHERS, *others, _OPTIONS.replace("FORMS", forms)]
    for name, prose in (
        ("report", "\n## The report\n"),
        ("pair", _PAIRS),
        ("waivers", _WAIVERS),
        ("changelog", "\n## `treaty changelog --format json`\n"),
    ):
        parts += [prose, *_tables(interface.schema(name))]
        parts += [_WITNESSES] if name == "report" else []
    return "".join(parts)


def _tables(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _table("", schema)
    for name, part in schema.get("$defs", {}).items():
        yield from _table(f"\n`{name}`: {part['description']}\n", part)


def _table(title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"{title}\n| member | value | what |\n| --- | --- | --- |\n"
    for name, part in schema["properties"].items():
        needed = "" if name in schema.get("required", ()) else " (optional)"
        told = part["description"].replace("|", "\\|")
        yield f"| `{name}`{needed} | {_value(part)} | {told} |\n"


def _value(part: Mapping[str, Any]) -> str:
    if "const" in part:
        return f'`"{part["const"]}"`'
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if "$ref" in part:
        return f"{part['$ref'].rpartition('/')[2]}"
    if "anyOf" in part:
        return " or ".join(_value(each) for each in part["anyOf"])
    kinds = part.get("type", "any")
    if kinds == "array":
        return f"array of {_value(part['items'])}"
    return kinds if isinstance(kinds, str) else " or ".join(kinds)
