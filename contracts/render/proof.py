"""Says how sure a finding is, shows its witness and its waiver; shared by the forms for people."""

import json

from contracts.report import Certainty, Finding

_DOUBTS = {Certainty.SUSPECTED: "suspected", Certainty.UNDECIDED: "undecided"}
MAX_LINES = 24
MAX_CHARACTERS = 4_000
_SHORT = 60  # a value this short stands on one line


def doubt(finding: Finding) -> str:
    """Return `suspected` or `undecided`, or nothing for what is proven or needs no proof."""
    return _DOUBTS.get(finding.certainty, "")


def caption(finding: Finding) -> str:
    """Return `a request that old accepts and new rejects`, or nothing without a witness."""
    witness = finding.witness
    if witness is None:
        return ""
    kind = str(witness.get("kind", "instance"))
    article = "an" if kind[:1] in "aeiou" else "a"
    sides = witness.get("accepted_by"), witness.get("rejected_by")
    return f"{article} {kind} that {sides[0]} accepts and {sides[1]} rejects"


def value(finding: Finding) -> list[str]:
    """Return the lines of the witness, cut off at a bound and saying so; none without a witness."""
    if finding.witness is None:
        return []
    shown = finding.witness.get("value")
    text = json.dumps(shown, ensure_ascii=False)
    if len(text) > _SHORT:
        text = json.dumps(shown, ensure_ascii=False, indent=2)
    lines = text[:MAX_CHARACTERS].splitlines()
    if len(lines) > MAX_LINES or len(text) > MAX_CHARACTERS:
        return [*lines[:MAX_LINES], "… (cut off; the JSON form has all of it)"]
    return lines


def waiver(finding: Finding) -> str:
    """Return who allowed the finding, until when and why; nothing where that is not known."""
    told = finding.waiver
    if told is None:
        return ""
    until = f"until {told.get('expires')}, approved by {told.get('approver')}"
    return f"{until} for {told.get('owner')}: {told.get('reason')}"
