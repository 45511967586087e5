"""JSONata over the engine's bindings: checked at compile time, bounded in size, depth and time.

Called by conditions and by the kind `transform`; this is the only room that knows the engine.
"""

import re
import threading
from collections.abc import Callable

import jsonatapy

_MILLISECONDS = 20
_DEPTH = 100
_SEQUENCE = 10_000
_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|/\*.*?\*/|`[^`]*`", re.DOTALL)
_CALLED = re.compile(r"\$([A-Za-z_]\w*)\s*\(")
_BOUND = re.compile(r"\$([A-Za-z_]\w*)")
_NAMED = re.compile(r"\$([A-Za-z_]\w*)\s*:=|function\s*\(([^)]*)\)")
# https://docs.jsonata.org; without $eval, whose text nobody has checked, and without what differs
# from call to call.
_KNOWN = frozenset(
    [
        "string",
        "length",
        "substring",
        "substringBefore",
        "substringAfter",
        "uppercase",
        "lowercase",
        "trim",
        "pad",
        "contains",
        "split",
        "join",
        "match",
        "replace",
        "base64encode",
        "base64decode",
        "encodeUrlComponent",
        "encodeUrl",
        "decodeUrlComponent",
        "decodeUrl",
        "number",
        "abs",
        "floor",
        "ceil",
        "round",
        "power",
        "sqrt",
        "formatNumber",
        "formatBase",
        "formatInteger",
        "parseInteger",
        "sum",
        "max",
        "min",
        "average",
        "boolean",
        "not",
        "exists",
        "count",
        "append",
        "sort",
        "reverse",
        "shuffle",
        "distinct",
        "zip",
        "keys",
        "lookup",
        "spread",
        "merge",
        "sift",
        "each",
        "error",
        "assert",
        "type",
        "toMillis",
        "fromMillis",
        "map",
        "filter",
        "single",
        "reduce",
    ]
) - {"shuffle"}


def compiled(text: str) -> jsonatapy.JsonataExpression:
    """Return the expression. Raises `ValueError` where it does not compile."""
    try:
        return jsonatapy.compile(
            text, timeout=_MILLISECONDS, max_stack_depth=_DEPTH, max_sequence_length=_SEQUENCE
        )
    except ValueError as error:
        raise ValueError(f"the expression does not compile: {str(error)[:200]}") from None


def require_known_functions(text: str) -> None:
    """Raise `ValueError` for a function that is neither known nor defined in the expression."""
    plain = _TEXT.sub('""', text)
    defined = set[str]()
    for match in _NAMED.finditer(plain):
        defined |= {match[1]} if match[1] else set(_BOUND.findall(match[2]))
    for name in _CALLED.findall(plain):
        if name not in _KNOWN and name not in defined:
            raise ValueError(f"the expression calls ${name[:80]}, which is no function here")


def program(text: str) -> Callable[[object], object]:
    """Return the function that evaluates the expression over plain data.

    It raises `ValueError` where the evaluation fails, takes too long or needs too much.
    """
    kept = threading.local()

    def evaluate(data: object) -> object:
        try:
            # The engine's object belongs to one thread, and runtimes are built in another one.
            expression = getattr(kept, "expression", None)
            if expression is None:
                expression = kept.expression = compiled(text)
            answer: object = expression.evaluate(data)
        except BaseException as error:
            # A panic of the engine is no `Exception`; it must refuse one call, not end the process.
            if type(error).__name__ != "PanicException":
                raise
            raise ValueError("the expression failed") from None
        return answer

    return evaluate
