"""A value on one line of YAML, as people write it: `{type: string, enum: [A, B]}`."""

import json
import re

from contracts.document import Json

_PLAIN = re.compile(r"[A-Za-z_/$][A-Za-z0-9_/$.-]*")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n"])


def flow(value: Json) -> str:
    """Return the value in YAML's flow style; what is not plainly a word is quoted as in JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
