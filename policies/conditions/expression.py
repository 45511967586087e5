"""JSONata where matchers do not reach: checked at compile time, bounded in size and in time."""

import re
from collections.abc import Callable, Mapping

from policies.jsonata import compiled, program

ROOTS = ("claim", "header", "query", "path", "method", "application", "plan", "scopes", "client")
_MAX_LENGTH = 2_000
_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r"[\[{(\]})]|(?<![\w.$`])(?:\$?[A-Za-z_]\w*|`[^`]*`)")
_WORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


def checked(text: object) -> str:
    """Return the expression. Raises `ValueError`: too long, does not compile, unknown name."""
    if not isinstance(text, str) or not text.strip() or len(text) > _MAX_LENGTH:
        raise ValueError(f"an expression is a text of at most {_MAX_LENGTH} characters")
    compiled(text)
    for name in heads(text):
        if name not in ROOTS:
            known = ", ".join(ROOTS)
            raise ValueError(f"the expression names {name[:80]!r}; known: {known}")
    return text


def heads(text: str) -> list[str]:
    """Return the names that a path starts with; within filters and maps they are relative."""
    found: list[tuple[int, str]] = []
    relative = 0
    plain = _TEXT.sub('""', text)
    opened: list[bool] = []
    for match in _NAME.finditer(plain):
        word = match.group()
        if word in "[{(":
            before = plain[: match.start()].rstrip()
            inner = word != "(" or before.endswith(".")
            opened.append(inner)
            relative += inner
        elif word in "]})":
            relative -= opened.pop() if opened else 0
        elif not (relative or word in _WORDS or word.startswith("$")):
            found.append((match.start(), word.strip("`")))
    return [name for at, name in found if not plain[:at].rstrip().endswith(".")]


def build(text: str) -> Callable[[Mapping[str, object]], bool]:
    """Return the guard: whether the expression is true of the call's plain data.

    The guard raises `ValueError` where the evaluation fails or the answer is no boolean.
    """
    evaluate = program(text)

    def guard(call: Mapping[str, object]) -> bool:
        answer = evaluate(call)
        if answer is None:
            return False  # JSONata's nothing: a member is not there
        if not isinstance(answer, bool):
            raise ValueError("the expression of a condition is neither true nor false")  # noqa: TRY004  # bad data, not a wrong type of ours
        return answer

    return guard
