"""How case files write bytes: characters up to U+00FF are bytes, `{{text*1000}}` repeats."""

import re

_REPEAT = re.compile(r"\{\{(.+?)\*([0-9]+)\}\}", re.DOTALL)


def expand(text):
    """Return the bytes."""
    return _REPEAT.sub(lambda match: match[1] * int(match[2]), text).encode("latin-1")
