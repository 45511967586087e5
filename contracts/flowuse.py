"""Which operations of a contract a flow uses: plain data of a flow document in, plain data out.

The registry answers with it who is hit by a change, and `treaty check` joins it with a report.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from contracts.model import Contract
from contracts.report import Level, Report


class Use(NamedTuple):
    """What one version of a flow uses of a contract version."""

    flow: str
    flow_version: str
    contract_version: str
    operations: tuple[str, ...]  # operationIds
    mappings: tuple[str, ...]
    open_runs: int = 0
    live: bool = True


class Hit(NamedTuple):
    """A flow that a change breaks, and by which findings."""

    use: Use
    operations: tuple[str, ...]
    findings: int


def uses(content: Mapping[str, Any], contract: str) -> Iterator[Use]:
    """Yield what a resolved flow definition (`flow`, `mappings`) uses of a contract, by version."""
    flow = content["flow"]
    systems = flow.get("systems", {})
    versions = {system["version"] for system in systems.values() if system["contract"] == contract}
    called = set(_called(flow.get("steps", [])))
    for version in sorted(versions):
        names = {
            name
            for name, system in systems.items()
            if (system["contract"], system["version"]) == (contract, version)
        }
        operations = {call.partition(".")[2] for call in called if call.partition(".")[0] in names}
        mappings = [
            name
            for name, mapping in content.get("mappings", {}).items()
            if _touches(mapping, contract, version)
        ]
        yield Use(
            flow["flow"],
            flow["version"],
            version,
            tuple(sorted(operations)),
            tuple(sorted(mappings)),
        )


def hits(found: Iterable[Use], report: Report, old: Contract) -> tuple[Hit, ...]:
    """Return the uses that breaking findings of a report are about."""
    names = {f"{o.method} {o.path}": o.operation_id for o in old.operations}
    broken: dict[str, int] = {}
    for finding in report.findings:
        if finding.level is Level.ERROR and not finding.waived:
            name = names.get(finding.operation or "", "") or ""
            broken[name] = broken.get(name, 0) + 1
    # A finding about no operation in particular (servers, security) is about each of them.
    of_all = broken.pop("", 0)
    return tuple(
        Hit(use, hit, of_all + sum(broken[name] for name in hit))
        for use in found
        if (hit := tuple(name for name in use.operations if name in broken)) or of_all
    )


def _called(steps: object) -> Iterator[str]:
    """Yield every `system.operationId`, wherever it stands in the steps."""
    if isinstance(steps, Mapping):
        call = steps.get("call")
        if isinstance(call, str):
            yield call
        for member in steps.values():
            yield from _called(member)
    elif isinstance(steps, list):
        for item in steps:
            yield from _called(item)


def _touches(mapping: Mapping[str, Any], contract: str, version: str) -> bool:
    sides = [*mapping.get("source", {}).values(), mapping.get("target") or {}]
    return any((s.get("contract"), s.get("version")) == (contract, version) for s in sides)
