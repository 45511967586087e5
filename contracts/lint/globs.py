"""File globs of rulesets (`**/*.yaml`, `{a,b}/*.json`), matched in bounded time."""

import re
from collections.abc import Callable
from functools import lru_cache

from contracts.lint import options as opt
from contracts.lint import regex

_MAX = 500
_PIECE = re.compile(r"\*+|\?|\[[!^]?[^\]]+\]|.", re.DOTALL)
_MAX_BRANCHES = 100


def matches(glob: str, path: str) -> bool:
    """Return whether a path, with `/` between its parts, fits. Raises `TreatyError` for a bomb."""
    if glob.startswith("!"):
        return not matches(glob[1:], path)
    if "/" not in glob:  # as minimatch with matchBase: a bare name fits in every folder
        path = path.rpartition("/")[2]
    return any(_fits(tuple(each.split("/")), tuple(path.split("/"))) for each in _branches(glob))


@lru_cache(maxsize=256)
def _branches(glob: str) -> tuple[str, ...]:
    """Return the globs that braces stand for."""
    if len(glob) > _MAX:
        raise opt.refusal(f"A file glob is longer than {_MAX} characters.")
    done: list[str] = []
    todo = [glob]
    while todo:
        current = todo.pop()
        found = re.search(r"\{([^{}]*,[^{}]*)\}", current)
        if found is None:
            done.append(current)
        else:
            todo += [
                current[: found.start()] + w + current[found.end() :] for w in found[1].split(",")
            ]
        if len(done) + len(todo) > _MAX_BRANCHES:
            raise opt.refusal(f"A file glob stands for more than {_MAX_BRANCHES} globs.")
    return tuple(done)


def _fits(parts: tuple[str, ...], names: tuple[str, ...]) -> bool:
    # Which parts may come next, name by name; `**` may stay where it is.
    def settled(reached: set[int]) -> set[int]:
        found = set(reached)
        for start in reached:
            index = start
            while index < len(parts) and parts[index] == "**":  # which may stand for nothing
                index += 1
                found.add(index)
        return found

    states = settled({0})
    for name in names:
        stepped = set()
        for index in states:
            if index < len(parts):
                if parts[index] == "**":
                    stepped.add(index)
                elif _part(parts[index])(name):
                    stepped.add(index + 1)
        states = settled(stepped)
    return len(parts) in states


@lru_cache(maxsize=256)
def _part(part: str) -> Callable[[str], bool]:
    return regex.tested(f"^{''.join(_piece(found[0]) for found in _PIECE.finditer(part))}$", "s")


def _piece(text: str) -> str:
    if text == "?":
        return "."
    if text.startswith("*"):
        return ".*"
    if text.startswith("[") and len(text) > 1:
        negated = "^" if text[1] in "!^" else ""
        return f"[{negated}{re.escape(text[1 + len(negated) : -1])}]".replace("\\-", "-")
    return re.escape(text)
