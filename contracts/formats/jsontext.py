"""Strict JSON (RFC 8259) with the place of every value; `yaml.parse` comes here for JSON texts.

JSON indented with tabs is not YAML, and a duplicate key or NaN must not pass, hence a scanner.
"""

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # the stub leaves it out

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.formats.scalars import ScalarError, floating, integer
from contracts.formats.tree import Tree

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")
_AS_JSON = "Texts that start with { or [ are read as JSON."


class JsonScanner:
    """One pass over a JSON text, without recursion."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.text = tree.source.text
        self.memo: dict[str, str] = {}

    def scan(self) -> None:
        """Fill the tree. Raises `TreatyError`."""
        at = self._value(self._skip(0))
        while self.tree.frames:
            at = self._step(at)
        at = self._skip(at)
        if at < len(self.text):
            raise self._refusal("Something follows after the end of the JSON value.", at)

    def _skip(self, at: int) -> int:
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]  # it matches the empty text too

    def _refusal(self, sentence: str, at: int) -> TreatyError:
        if at >= len(self.text):
            sentence = "The JSON text ends before it is complete."
        return self.tree.refusal(catalog.NOT_READABLE, sentence, min(at, len(self.text)))

    def _step(self, at: int) -> int:
        """Read one member or item, or the end of the innermost container."""
        value = self.tree.frames[-1].part.value
        mapping = isinstance(value, dict)
        closer = "}" if mapping else "]"
        at = self._skip(at)
        if self.text.startswith(closer, at):
            self.tree.close()
            return at + 1
        if value:
            if not self.text.startswith(",", at):
                raise self._refusal(f"',' or '{closer}' is expected here. {_AS_JSON}", at)
            comma, at = at, self._skip(at + 1)
            if self.text.startswith(closer, at):
                raise self._refusal(f"JSON allows no ',' before '{closer}'.", comma)
        return self._value(self._key(at) if mapping else at)

    def _key(self, at: int) -> int:
        if not self.text.startswith('"', at):
            raise self._refusal(f"A key in double quotes is expected here. {_AS_JSON}", at)
        key, end = self._string(at)
        # Equal keys share one string: specifications repeat a few dozen of them.
        self.tree.key(self.memo.setdefault(key, key), at)
        end = self._skip(end)
        if not self.text.startswith(":", end):
            raise self._refusal(f"':' is expected after the key. {_AS_JSON}", end)
        return self._skip(end + 1)

    def _value(self, at: int) -> int:
        start = self.text[at : at + 1]
        if start == '"':
            string, end = self._string(at)
            self.tree.scalar(string, at)
            return end
        if start in ("{", "["):
            self.tree.open({} if start == "{" else [], at, None)
            return at + 1
        return self._number_or_word(at)

    def _string(self, at: int) -> tuple[str, int]:
        try:
            string, end = scanstring(self.text, at + 1, True)
        except JSONDecodeError as error:
            sentence = f"The string is not valid JSON: {error.msg.lower().rstrip(' at')}."
            raise self._refusal(sentence, error.pos) from None
        if not string.isascii() and _SURROGATE.search(string):
            raise self._refusal("The string holds half of a surrogate pair (\\ud800-\\udfff).", at)
        return string, end

    def _number_or_word(self, at: int) -> int:
        if match := _NUMBER.match(self.text, at):
            whole = match.group(1) is None and match.group(2) is None
            limit = self.tree.limits.max_digits
            try:
                value = integer(match[0], 10, limit) if whole else floating(match[0], limit)
            except ScalarError as error:
                raise self._refusal(str(error), at) from None
            self.tree.scalar(value, at)
            return match.end()
        match = _WORD.match(self.text, at)
        if match and match[0] in _WORDS:
            self.tree.scalar(_WORDS[match[0]], at)
            return match.end()
        if match and match[0] in ("NaN", "Infinity"):
            raise self._refusal("Infinity and NaN are not JSON numbers.", at)
        raise self._refusal(f"A JSON value is expected here. {_AS_JSON}", at)
