"""One ruleset text, piece by piece, as data; a mistake is refused at its line.

Called by `ruleset`, which knows what is inherited.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.lint.dialects import SYNONYMS
from contracts.lint.rule import Alias, Rule, Severity, Then
from contracts.problem import Detail

WORDS = {severity.word: severity for severity in Severity}
_MODES = ("all", "recommended", "off")


@dataclass(frozen=True, slots=True)
class Text:
    """A parsed ruleset, for access that refuses wrong types at their place."""

    document: Document

    def refusal(self, pointer: str, sentence: str) -> TreatyError:
        """Return the error that says `sentence` about a place of the ruleset."""
        place = self.document.place(pointer)
        detail = Detail(sentence, pointer, place.file, place.line, place.column)
        where = f"{place.file}:{place.line}:{place.column}"
        return TreatyError(catalog.INVALID_RULESET, f"{where}: {sentence}", errors=(detail,))

    def mapping(self, value: Json, pointer: str) -> dict[str, Json]:
        """Return a mapping; absent is empty. Raises `TreatyError`."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.refusal(pointer, f"{_named(pointer)} must be a mapping.")
        return value

    def items(self, value: Json, pointer: str) -> list[Json]:
        """Return a list, or one value as a list of one; absent is empty."""
        return [] if value is None else value if isinstance(value, list) else [value]

    def words(self, value: Json, pointer: str) -> tuple[str, ...]:
        """Return one text or a list of texts. Raises `TreatyError`."""
        items = self.items(value, pointer)
        if not all(isinstance(item, str) for item in items):
            raise self.refusal(pointer, f"{_named(pointer)} must be a text or a list of texts.")
        return tuple(str(item) for item in items)

    def word(self, value: Json, pointer: str) -> str | None:
        """Return a text, None when absent. Raises `TreatyError`."""
        if value is None or isinstance(value, str):
            return value
        raise self.refusal(pointer, f"{_named(pointer)} must be a text.")

    def flag(self, value: Json, pointer: str) -> bool:
        """Return true or false. Raises `TreatyError`."""
        if isinstance(value, bool):
            return value
        raise self.refusal(pointer, f"{_named(pointer)} must be true or false.")

    def severity(self, value: Json, pointer: str) -> Severity:
        """Return a severity, by word or by Spectral's number. Raises `TreatyError`."""
        if isinstance(value, str) and value in WORDS:
            return WORDS[value]
        if value is False:  # YAML 1.1 wrote `off` so
            return Severity.OFF
        if isinstance(value, int) and not isinstance(value, bool) and value in tuple(Severity):
            return Severity(value)
        raise self.refusal(pointer, f"A severity is one of {', '.join(WORDS)}, or -1 to 3.")

    def formats(self, value: Json, pointer: str) -> frozenset[str] | None:
        """Return the names of formats, None when there are none."""
        names = self.words(value, pointer)
        return frozenset(SYNONYMS.get(name, name) for name in names) if names else None

    def extends(self) -> list[tuple[str, str, bool, str]]:
        """Return what is inherited: name, mode, whether the mode is written, and the pointer."""
        root = self.mapping(self.document.root, "")
        found = []
        for index, item in enumerate(self.items(root.get("extends"), "/extends")):
            pointer = jp.join("/extends", index)
            pair = item if isinstance(item, list) else [item, "recommended"]
            if len(pair) != 2 or not all(isinstance(each, str) for each in pair):  # noqa: PLR2004  # a pair
                raise self.refusal(pointer, "An item of 'extends' is a name or [name, mode].")
            name, mode = (str(each) for each in pair)
            if mode not in _MODES:
                raise self.refusal(pointer, f"A mode of 'extends' is one of {', '.join(_MODES)}.")
            found.append((name, mode, isinstance(item, list), pointer))
        return found

    def aliases(self, value: Json, pointer: str) -> dict[str, Alias]:
        """Return the aliases of a ruleset or an override. Raises `TreatyError`."""
        return {
            name: self._alias(entry, jp.join(pointer, name))
            for name, entry in self.mapping(value, pointer).items()
        }

    def _alias(self, entry: Json, pointer: str) -> Alias:
        if not isinstance(entry, dict):
            return Alias(((None, self.words(entry, pointer)),))
        if "targets" not in entry:
            return Alias(((None, self.words(entry.get("given"), pointer)),))
        targets = []
        for index, item in enumerate(self.items(entry["targets"], pointer)):
            at = jp.join(pointer, "targets", index)
            target = self.mapping(item, at)
            formats = self.formats(target.get("formats"), at)
            targets.append((formats, self.words(target.get("given"), at)))
        return Alias(tuple(targets))

    def rule(self, name: str, pack: str, entry: dict[str, Json], pointer: str) -> Rule:
        """Return a rule that is defined here. Raises `TreatyError`."""
        for key in ("given", "then"):
            if key not in entry:
                sentence = f"The rule '{name}' is not inherited, so it needs '{key}'."
                raise self.refusal(pointer, sentence)
        return self.changed(Rule(name, pack, (), ()), entry, pointer)

    def changed(self, rule: Rule, entry: dict[str, Json], pointer: str) -> Rule:
        """Return a rule with the members that are written here. Raises `TreatyError`."""
        for key, value in entry.items():
            reader = _READERS.get(key)
            if reader is not None:
                rule = reader(self, rule, value, jp.join(pointer, key))
        return rule

    def then(self, value: Json, pointer: str) -> tuple[Then, ...]:
        """Return the demands of a rule. Raises `TreatyError`."""
        found = []
        for index, item in enumerate(self.items(value, pointer)):
            at = jp.join(pointer, index) if isinstance(value, list) else pointer
            entry = self.mapping(item, at)
            function = self.word(entry.get("function"), at)
            if not function:
                raise self.refusal(at, "'then' needs a 'function'.")
            field = entry.get("field")
            name = str(field) if isinstance(field, int) else self.word(field, jp.join(at, "field"))
            options = self.mapping(entry.get("functionOptions"), jp.join(at, "functionOptions"))
            found.append(Then(function, options, name))
        return tuple(found)


Reader = Callable[[Text, Rule, Json, str], Rule]
_READERS: Mapping[str, Reader] = {
    "given": lambda t, rule, v, at: replace(rule, given=t.words(v, at)),
    "then": lambda t, rule, v, at: replace(rule, then=t.then(v, at)),
    "severity": lambda t, rule, v, at: replace(rule, severity=t.severity(v, at)),
    "message": lambda t, rule, v, at: replace(rule, message=t.word(v, at)),
    "description": lambda t, rule, v, at: replace(rule, description=t.word(v, at) or ""),
    "documentationUrl": lambda t, rule, v, at: replace(rule, documentation=t.word(v, at) or ""),
    "formats": lambda t, rule, v, at: replace(rule, formats=t.formats(v, at)),
    "recommended": lambda t, rule, v, at: replace(rule, recommended=t.flag(v, at)),
    "resolved": lambda t, rule, v, at: replace(rule, resolved=t.flag(v, at)),
    "enabled": lambda t, rule, v, at: replace(rule, enabled=t.flag(v, at)),
    "tags": lambda t, rule, v, at: replace(rule, tags=t.words(v, at)),
    "x-fix": lambda t, rule, v, at: replace(rule, fix=t.word(v, at) or ""),
}
# Members with no bearing on what is found.
SILENT = frozenset(["type", "extensions", "x-level"])
KNOWN = frozenset(_READERS) | SILENT


def _named(pointer: str) -> str:
    return f"'{jp.unescape(pointer.rpartition('/')[2])}'" if pointer else "A ruleset"
