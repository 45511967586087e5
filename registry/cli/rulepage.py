"""What `treaty explain RULE` says about a compatibility check: levels, why, example, witness."""

from contracts.compat import examples, rulebook
from contracts.compat.checks import CHECKS
from contracts.compat.severity import EXCEPTIONS, level
from contracts.document import Json
from contracts.render import proof
from contracts.render.flow import flow
from contracts.render.text import cut, wrap
from contracts.report import Finding
from contracts.waivers import RULES

_INDENT = 4
_WRITERS = {
    "request": "in a request",
    "response": "in a response",
    "none": "in a JSON Schema",
    "": "",
}


def facts(rule: str) -> dict[str, object] | None:
    """Return the rule as data, or None when it is neither a check nor about waivers."""
    if rule in RULES:
        known = RULES[rule]
        return {
            "is a": "rule about waivers",
            "what": known.sentence,
            "why": known.why,
            "fix": known.fix,
            "levels": {"": known.level.value},
        }
    check = next((each for each in CHECKS if each.id == rule), None)
    if check is None:
        return _foreign(rule)
    levels = {each.value: level(rule, check.effect, each).value for each in check.directions}
    told: dict[str, object] = {
        "is a": "compatibility check",
        "what": check.sentence,
        "why": check.why,
        "fix": check.fix,
        "effect": check.effect.value,
        "directions": [direction.value for direction in check.directions],
        "levels": levels,
    }
    if rule in EXCEPTIONS:
        told["exception"] = EXCEPTIONS[rule].reason
    if example := _example(rule):
        told["example"] = example
    return told


def _foreign(rule: str) -> dict[str, object] | None:
    """Return what is known of another registry's rule."""
    known = rulebook.entries().get(rule)
    if known is None or known.kind != "profile":
        return None
    return {"is a": "rule of another registry", "what": known.sentence, "why": known.why, "fix": ""}


def _example(rule: str) -> dict[str, object] | None:
    """Return the example, judged now: what is shown is what the engine says."""
    known = examples.examples().get(rule)
    found = known.finding() if known else None
    if known is None or found is None:
        return None
    return {
        "of": known.place,
        "old": known.old,
        "new": known.new,
        "level": found.level.value,
        "message": found.message,
        "witness": found.witness,
        "finding": found,
    }


def data(told: dict[str, object]) -> dict[str, object]:
    """Return the facts as JSON: without the finding, whose parts stand beside it."""
    example = told.get("example")
    if not isinstance(example, dict):
        return told
    return told | {"example": {key: value for key, value in example.items() if key != "finding"}}


def text(rule: str, told: dict[str, object], width: int) -> str:
    """Return the facts as lines of at most `width` columns."""
    levels = told.get("levels")
    lines = wrap(f"{rule}: {told['what']}", width, 2)
    if told["why"]:
        lines += wrap(f"why: {told['why']}", width, _INDENT)
    if told["fix"]:
        lines += wrap(f"way out: {told['fix']}", width, _INDENT)
    if isinstance(levels, dict):
        by_writer = ", ".join(f"{value} {_WRITERS[key]}".strip() for key, value in levels.items())
        lines += wrap(f"level: {by_writer}", width, _INDENT)
    if "effect" in told:
        lines += wrap(f"effect on the accepted values: {told['effect']}", width, _INDENT)
    if "exception" in told:
        lines += wrap(f"its level is an exception: {told['exception']}", width, _INDENT)
    example = told.get("example")
    return "\n".join([*lines, *(_shown(example, width) if isinstance(example, dict) else [])])


def _shown(example: dict[str, object], width: int) -> list[str]:
    lines = ["", *wrap(f"example, {example['of']}:", width, _INDENT)]
    for side in ("old", "new"):
        value: Json = example[side]  # type: ignore[assignment]  # `_example` put the sides there
        lines += wrap(f"    {side}  {flow(value)}", width, 2 * _INDENT)
    lines += wrap(f"    {example['level']}: {example['message']}", width, _INDENT)
    finding = example["finding"]
    if isinstance(finding, Finding) and finding.witness is not None:
        lines += wrap(f"    witness: {proof.caption(finding)}", width, _INDENT)
        lines += [part for line in proof.value(finding) for part in cut(line, width)]
    return lines
