"""Paths and patterns that no engine could run: they are refused where the ruleset is read.

What is well formed and beyond us is listed as unsupported instead. Called by `ruleset`.
"""

from contracts.lint.path import syntax


def path_fault(text: str) -> str | None:
    """Return what is wrong with an expression of `given`, None when it may be one."""
    text = text.strip()
    if not text.startswith("$"):
        return f"The path '{text[:200]}' must start with '$' or '#'."
    at = 1
    while at < len(text):
        if text[at] == "[":
            try:
                at = syntax.closing(text, at, _Open)
            except _Open:
                return f"The path '{text[:200]}' opens a bracket that is not closed."
        elif text[at] == "]":
            return f"The path '{text[:200]}' closes a bracket that is not open."
        at += 1
    return None


class _Open(Exception):  # noqa: N818  # no error of ours: it ends a search
    """A bracket does not close."""


def pattern_fault(text: str) -> str | None:
    """Return what is wrong with a regular expression, plain or `/re/flags`; None when it may be one."""
    depth, inside, at, fresh = 0, False, 0, True
    while at < len(text):
        char = text[at]
        if char == "\\":
            if at + 1 == len(text):
                return f"The pattern '{text[:100]}' ends with a backslash."
            at, char = at + 1, "."
        elif inside:
            inside = char != "]"
        elif char == "[":
            inside = True
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth < 0:
                return f"The pattern '{text[:100]}' closes a group that is not open."
        elif char in "*+" and fresh:
            return f"The pattern '{text[:100]}' repeats nothing."
        fresh = not inside and char in "(|"
        at += 1
    if depth or inside:
        return f"The pattern '{text[:100]}' opens a bracket that is not closed."
    return None
