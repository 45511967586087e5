"""The words of a JavaScript filter; called by `filters.py`."""

import re
from dataclasses import dataclass

from contracts.lint.function import UnsupportedError

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<name>@?[A-Za-z_$][\w$]*|@)
    | (?P<operator>===|!==|==|!=|<=|>=|&&|\|\||\?\.|[<>!().,\[\]+-])
    )""",
    re.VERBOSE,
)
_PATTERN = re.compile(r"\s*/((?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/([a-z]*)")
MAX_WORDS = 500  # the closures of a longer filter would nest too deep
_OPERAND_ENDS = frozenset(["number", "text", "name"])
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its kind (number, text, name, operator, pattern, end) and its meaning."""

    kind: str
    text: str
    flags: str = ""


def tokens(source: str) -> list[Token]:
    """Return the words of a filter, an `end` last. Raises `UnsupportedError`."""
    found: list[Token] = []
    source = source.rstrip()
    at = 0
    while at < len(source):
        if len(found) >= MAX_WORDS:
            raise UnsupportedError(f"a filter of more than {MAX_WORDS} words")
        last = found[-1] if found else Token("operator", "(")
        operand = last.kind in _OPERAND_ENDS or last.text in (")", "]")
        match = None if operand else _PATTERN.match(source, at)
        if match is not None:
            found.append(Token("pattern", match[1], match[2]))
        else:
            match = _TOKEN.match(source, at)
            if match is None:
                raise UnsupportedError(f"the filter '{source[:200]}' at character {at + 1}")
            kind = str(match.lastgroup)
            word = match[kind]
            found.append(Token(kind, _unquoted(word) if kind == "text" else word))
        at = match.end()
    return [*found, Token("end", "")]


def _unquoted(word: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _ESCAPES.get(match[3], match[3])

    return _ESCAPED.sub(plain, word[1:-1])
