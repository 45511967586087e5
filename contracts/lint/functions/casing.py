"""`casing`: how a name is written, optionally in parts between separators."""

import re
from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Result

# `0` stands for the digits, when they are allowed. A capital inside a camel-case word is followed
# by a small letter or ends the text, so that acronyms are refused; written to never backtrack.
_HUMPS = r"(?:[a-z0]|[A-Z](?=[a-z0]|\Z))*"
_WORDS = {
    "flat": "[a-z][a-z0]*",
    "camel": f"[a-z]{_HUMPS}",
    "pascal": f"[A-Z](?=[a-z0]|\\Z){_HUMPS}|[A-Z]",
    "kebab": "[a-z][a-z0]*(?:-[a-z0]+)*",
    "cobol": "[A-Z][A-Z0]*(?:-[A-Z0]+)*",
    "snake": "[a-z][a-z0]*(?:_[a-z0]+)*",
    "macro": "[A-Z][A-Z0]*(?:_[A-Z0]+)*",
}


def casing(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand the case `type` (flat, camel, pascal, kebab, cobol, snake, macro) of a text."""
    name = opt.text(options, "type")
    if name not in _WORDS:
        raise opt.refusal(f"The option 'type' of casing must be one of {', '.join(_WORDS)}.")
    digits = "" if opt.flag(options, "disallowDigits") else "0-9"
    if isinstance(value, str) and value and not _fits(value, name, digits, options):
        yield Result(f"must be {name} case")


def _fits(text: str, name: str, digits: str, options: Mapping[str, Json]) -> bool:
    pattern = _WORDS[name].replace("0", digits)
    separator = options.get("separator")
    if separator is None:
        return re.fullmatch(pattern, text) is not None
    if not isinstance(separator, dict):
        raise opt.refusal("The option 'separator' of casing must be a mapping.")
    char = opt.text(separator, "char")
    if char is None or len(char) != 1:
        raise opt.refusal("The option 'separator.char' of casing must be one character.")
    if opt.flag(separator, "allowLeading"):
        if text == char:
            return True
        text = text.removeprefix(char)
    return all(re.fullmatch(pattern, part) for part in text.split(char))
