"""How case files write bytes, and how they are cut: U+00FF and below are bytes, `{{text*9}}` repeats."""

import asyncio
import random
import re

_REPEAT = re.compile(r"\{\{(.+?)\*([0-9]+)\}\}", re.DOTALL)
_TURNS = 4


def expand(text):
    """Return the bytes."""
    return _REPEAT.sub(lambda match: match[1] * int(match[2]), text).encode("latin-1")


def whole(length):
    """Cut nowhere."""
    del length
    return []


def cuts(seed):
    """Return what says where to cut `length` bytes: the same places for the same seed."""
    source = random.Random(seed)
    return lambda length: sorted(source.randrange(length) for _ in range(5)) if length else []


async def let_others_run():
    """Let the other side, in the same event loop, read what has been written."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
