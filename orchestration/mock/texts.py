"""Strings for schemas: by format, by pattern, by length."""

import re
from random import Random

from contracts.document import Json

_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour")
_SAMPLES = {
    "date": "2026-{:02}-{:02}",
    "date-time": "2026-{:02}-{:02}T09:30:00Z",
    "time": "09:30:00Z",
    "duration": "P1D",
    "email": "team{}@example.com",
    "idn-email": "team{}@example.com",
    "hostname": "host{}.example.com",
    "idn-hostname": "host{}.example.com",
    "ipv4": "192.0.2.{}",
    "ipv6": "2001:db8::{}",
    "uri": "https://example.com/{}",
    "url": "https://example.com/{}",
    "uri-reference": "/items/{}",
    "iri": "https://example.com/{}",
    "byte": "dGV4dA==",
    "json-pointer": "/items/{}",
    "regex": "[a-z]+",
    "password": "mock-password-{}",
}
_MAX_REPEAT = 3
_MAX_LENGTH = 10_000


def text_for(rules: dict[str, Json], random: Random) -> str:
    """Return a string; a pattern that uses more than classes, groups and counts may be missed."""
    pattern = rules.get("pattern")
    if isinstance(pattern, str):
        found = _from_pattern(pattern, random)
        if found is not None:
            return found
    kind = rules.get("format")
    if kind == "uuid":
        digits = f"{random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    if isinstance(kind, str) and kind in _SAMPLES:
        return _SAMPLES[kind].format(random.randint(1, 12), random.randint(1, 28))
    return _sized(random.choice(_WORDS), rules, random)


def _sized(text: str, rules: dict[str, Json], random: Random) -> str:
    low, high = rules.get("minLength"), rules.get("maxLength")
    least = min(low, _MAX_LENGTH) if isinstance(low, int) else 0
    while len(text) < least:
        text += " " + random.choice(_WORDS)
    return text[: max(high, 0)] if isinstance(high, int) else text


def _from_pattern(pattern: str, random: Random) -> str | None:
    """Return a string that the pattern finds, or None. The parse tree is the standard library's."""
    try:
        compiled = re.compile(pattern)
        tree = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001  # the only parser of this dialect there is
    except (re.error, RecursionError, OverflowError):
        return None
    for _ in range(5):
        text = _walk(tree, random)
        if compiled.search(text):
            return text
    return None


def _walk(tree: object, random: Random) -> str:
    return "".join(_piece(str(name), value, random) for name, value in tree)  # type: ignore[attr-defined]  # pairs of the parse tree


def _piece(name: str, value: object, random: Random) -> str:
    if name == "LITERAL":
        return chr(value)  # type: ignore[arg-type]  # a code point
    if name == "NOT_LITERAL":
        return "a" if value != ord("a") else "b"
    if name == "ANY":
        return "x"
    if name == "IN":
        return _of_class(value, random)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, high, body = _triple(value)
        count = random.randint(low, min(int(high), low + _MAX_REPEAT))
        return "".join(_walk(body, random) for _ in range(min(count, _MAX_LENGTH)))
    if name == "SUBPATTERN":
        return _walk(value[-1], random)  # type: ignore[index]  # as the parser builds it
    if name == "BRANCH":
        return _walk(random.choice(value[1]), random)  # type: ignore[index]  # as the parser builds it
    return ""


def _triple(value: object) -> tuple[int, int, object]:
    """Return a repeat: at least, at most, what."""
    triple: tuple[int, int, object] = tuple(value)  # type: ignore[arg-type,assignment]  # as the parser builds it
    return triple


def _of_class(entries: object, random: Random) -> str:
    """Return a character of a class; a negated class gets the first printable one outside."""
    listed = list(entries)  # type: ignore[call-overload]  # pairs of the parse tree
    if str(listed[0][0]) == "NEGATE":
        taken = re.compile("[" + "".join(_source(*entry) for entry in listed[1:]) + "]")
        return next((c for c in map(chr, range(33, 127)) if not taken.match(c)), "")
    name, value = random.choice(listed)
    if str(name) == "LITERAL":
        return chr(value)
    if str(name) == "RANGE":
        return chr(random.randint(value[0], min(value[1], 0x10FFFF)))
    samples = {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "w"}
    return samples.get(str(value), "-")


def _source(name: object, value: object) -> str:
    if str(name) == "LITERAL":
        return re.escape(chr(value))  # type: ignore[arg-type]  # a code point
    if str(name) == "RANGE":
        return "-".join(re.escape(chr(end)) for end in value)  # type: ignore[attr-defined]  # two code points
    names = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}
    return names.get(str(value), "")
