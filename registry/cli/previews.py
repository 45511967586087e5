"""An exception's past and its preview as lines for a person: what was done, what would leave, why once."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

ONCE = {
    "key": "sent under the same idempotency key, so it acts once",
    "looked": "looked for first, and only sent where it is not there yet",
    "repeatable": "sets what it names; a second time changes nothing",
    "unproven": "NOTHING proves that it acts only once",
}
_BEFORE = {
    True: "the same request as before",
    False: "NOT the request that was sent before",
    None: "not sent before",
}


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a preview."""
    for send in found["sends"]:
        yield f"{send['step']}: {send['operation']}"
        for name, value in send["with"].items():
            yield f"  {name}: {value}"
        if send["key"]:
            yield f"  key: {send['key']}"
        if send["body"] is not None:
            text = json.dumps(send["body"], indent=2, ensure_ascii=False)
            yield from (f"  {line}" for line in text.splitlines())
        yield f"  {_BEFORE[send['same_as_before']]}; {ONCE[send['once']]}"
    for event in found["tells"]:
        yield f"{event['step']}: tells {event['type']} of {event['subject']}"


def verdict(found: Mapping[str, Any]) -> str:
    """Return what the retry comes to, in a sentence."""
    if found["ends"] == "held":
        return f"it would be held again at {found['step']}: {found['sentence']}"
    if found["ends"] == "waits":
        return f"it would wait at {found['step']}"
    if found["ends"] == "done":
        return "it would end without sending anything"
    return f"it would send {len(found['sends'])}, nothing was sent"


def past(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what had changed in the day before an exception came up, and what happened since."""
    for change in reversed(found["changes"]):
        by = f" by {change['by']}" if change["by"] else ""
        yield f"before: {_short(change['at'])} {change['what']} {change['subject']}{by}"
    for entry in found["history"]:
        by = f" by {entry['by']}" if entry.get("by") else ""
        reason = f": {entry['reason']}" if entry.get("reason") else ""
        yield f"{_short(entry['at'])} {entry['what']}{by}{reason}"


def _short(moment: str) -> str:
    return moment[:19].replace("T", " ")
