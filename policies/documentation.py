"""docs/policies.md, generated from the kinds (`make docs`)."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from policies.kind import Kind
from policies.kinds import KINDS
from policies.masking import FORMATS

_MASKS = """
## What a masked value looks like

Strategies come from the contract's `x-data-classification`. Null stays null. A number or a boolean
becomes null, because a zero or a false could be taken for the truth; an object `{}`, an array `[]`.
`writeOnly` members are always removed, whatever a `reveal` says.

| value | shown as |
| --- | --- |
| text, `full` | `****` |
| text, `partial` | the last `keep` (4) characters; of a mail address the domain |
| text, `regex` | each match replaced; patterns that could take long are refused at compile time |
| a date, `generalize` | the start of its year, or as `to` says (`year`, `month`, `decade`) |
| a number or decimal text, `generalize` with `step` | the lower end of its band |
| other text, `generalize` | its first 2 characters, or `keep` of them, where they are less than half |
| any scalar, `hash` or `tokenize` | a keyed hash, equal for equal values |
| any value, `remove` | the member is absent |
"""

_CONDITIONS = """
## Conditions

`when:` holds matchers, all of which must match. A rule whose condition does not match says nothing.

| matcher | speaks of |
| --- | --- |
| `claim.NAME` | a claim of the token, also within objects (`claim.realm_access.roles`); typed |
| `header.NAME`, `query.NAME`, `path.NAME` | a header, a declared query or path parameter; text |
| `method`, `application`, `plan`, `scopes`, `environment` | the call, the caller and the deployment |
| `client` | the peer's address: networks such as `10.0.0.0/8` |
| `time` | `days: [mon]`, `from: '08:00'` with `to`, `after`, `before`; UTC |
| `any`, `all` (lists), `not` | groups |
| `expression` | JSONata over `claim`, `header`, `query`, `path`, `method`, `application`, `plan`, `scopes`, `client`; at most 2,000 characters and 20 ms |

A test is a value, a list of values, `{not: ...}`, `{exists: true}`, `{prefix: ...}`, or `{min: 1, max: 5}`.
Where a value repeats (an array claim, a header sent twice), one match is enough.

**Nothing opens by a condition.** Where an enforced policy with a `when` does not match, the policy of
its kind without one holds, or else the baseline's. `authenticate`, `require-scope` and `mask` are
refused at compile time where nothing stands behind them. `size-limit` and `upstream` take no
`when`. Two conditional policies of one kind are a conflict unless the kind may repeat. A condition
on the caller is refused on a kind that runs before the caller is known. An enforced rule whose
expression fails refuses the call.
"""

_REFUSALS = """
Where several classifications meet on one value (`allOf`, `oneOf`, a discriminator's subtypes), the most
restrictive hidden one counts. An answer whose status, media type or schema the contract does not
document hides every classified name of the operation at any depth; where a classified value has no
name, the whole body. What cannot be judged is withheld (502 `response-not-maskable`): a compressed or
partial body, a media type that is not JSON, bad UTF-8, duplicate members, NaN, too deep nesting.
"""


def render() -> str:
    """Return the page."""
    rows = "".join(
        f"| {kind.stage.value} | [`{kind.name}`](policies/{kind.name}.md) | {kind.summary} | {_members(kind.spec.model_json_schema(by_alias=True))} |\n"
        for kind in sorted(KINDS.values(), key=lambda kind: kind.stage)
    )
    return (
        "# Policy kinds\n\n"
        "A policy is a YAML document; several stand in one file, separated by `---`:\n\n"
        "```yaml\n"
        "policy: portal-limits          # a name of its own\n"
        "kind: rate-limit\n"
        "mode: enforce                  # or observe: decide and record, never refuse\n"
        "description: What people read in `treaty explain`.\n"
        "overrides: firm-limits         # optional: stands in for this policy where both select\n"
        "select:                        # globs; what is absent selects all\n"
        "  contracts: [psa.*]\n"
        "  versions: ['2.*']\n"
        "  operations: [listProjects, 'GET /time*']\n"
        "  environments: [demo]\n"
        "when: {claim.region: [eu, uk], header.x-channel: {not: [batch]}}   # optional\n"
        "spec: {quota: 100, window_seconds: 60}\n"
        "```\n\n"
        "Where no policy of a kind selects an operation, the shipped `policies/packs/baseline.yaml` holds.\n"
        "A policy of the firm takes the place of the baseline's; two of one kind on one operation are a\n"
        "conflict that names both lines, unless one says `overrides: <name of the other>`. Several\n"
        "`rate-limit` policies hold side by side. A policy or a glob that matches nothing deployed is a\n"
        "warning; a scope that no selected contract declares is an error.\n\n"
        "Rules run by stage. Generated from `policies/kinds/`.\n\n"
        "| stage | kind | what it does | members of `spec` |\n| --- | --- | --- | --- |\n"
        + rows
        + _CONDITIONS
        + _MASKS
        + "".join(f"| `format: {name}` | `{text}` |\n" for name, text in FORMATS.items())
        + _REFUSALS
    )


def render_kind(kind: Kind) -> str:
    """Return the page of one kind: what it does, an example, its members, its problems."""
    members = "".join(
        f"| `{name}` | {_type(value)} | {_default(value)} |\n"
        for name, value in _properties(kind.spec.model_json_schema(by_alias=True)).items()
    )
    words = (kind.spec.__doc__ or "").strip()
    problems = "".join(
        f"| {problem.status} | `{problem.slug}` | {problem.title} |\n" for problem in kind.problems
    )
    return (
        f"# `{kind.name}`\n\nGenerated from `policies/kinds/`; do not edit. "
        f"[All kinds](../policies.md).\n\n{kind.summary}\n\n"
        f"Stage {kind.stage.value} ({kind.stage.name.lower()})"
        + ("; several policies of this kind hold side by side" if kind.repeatable else "")
        + ".\n\n"
        f"```yaml\n{kind.example}```\n\n## `spec`\n\n{words}\n\n"
        f"| member | type | default |\n| --- | --- | --- |\n{members}"
        f"\n## What it answers with\n\n"
        + (
            f"| status | problem | title |\n| --- | --- | --- |\n{problems}"
            if problems
            else "Nothing.\n"
        )
    )


def pages() -> dict[str, Callable[[], str]]:
    """Return the page of each kind by the path of its file."""
    return {f"docs/policies/{kind.name}.md": partial(render_kind, kind) for kind in KINDS.values()}


def _properties(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = schema.get("properties", {})
    return found


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return "a mapping"
    if "anyOf" in value:
        names = [_type(branch) for branch in value["anyOf"]]
        return " or ".join(name for name in names if name != "null")
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{choice}`" for choice in value["enum"])
    name = str(value.get("type", "any"))
    if name == "array":
        return f"list of {_type(value.get('items', {}))}"
    bounds = [f"{word} {value[key]}" for key, word in _BOUNDS.items() if key in value]
    return f"{name} ({', '.join(bounds)})" if bounds else name


_BOUNDS = {"minimum": "from", "maximum": "to", "exclusiveMinimum": "above", "pattern": "like"}


def _default(value: dict[str, Any]) -> str:
    if "default" not in value:
        return "required"
    default = value["default"]
    return "none" if default is None else f"`{json.dumps(default, ensure_ascii=False)}`"


def _members(schema: dict[str, object]) -> str:
    properties = schema.get("properties")
    names = properties if isinstance(properties, dict) else {}
    return ", ".join(f"`{name}`" for name in names)
