"""What an entry of `rules` does to a rule of the same name that is inherited, or is new.

Called by `ruleset` for a file's own rules and by `overrides` for those of some files.
"""

from dataclasses import replace

from contracts.document import Json
from contracts.lint.reading import KNOWN, Text
from contracts.lint.rule import Rule, Severity, Unsupported


def wanted(rule: Rule, mode: str) -> bool:
    """Return whether a mode of `extends` turns a rule on."""
    return mode == "all" or (mode == "recommended" and rule.recommended)


class Merger:
    """Merges entries, and gathers what cannot be honoured."""

    def __init__(self) -> None:
        self.unsupported: list[Unsupported] = []
        self.incomplete = False  # whether a ruleset is missing that could hold any rule

    def merged(
        self, text: Text, rule: Rule | None, name: str, entry: Json, pointer: str
    ) -> Rule | None:
        """Return the rule that an entry makes, None when it is listed as unsupported.

        Raises `TreatyError` (invalid-ruleset) at the place of the entry.
        """
        if isinstance(entry, dict):
            return self._object(text, rule, name, entry, pointer)
        if rule is None:
            self._missing(text, name, entry, pointer)
            return None
        if isinstance(entry, bool):
            return replace(rule, enabled=entry)
        severity = text.severity(entry, pointer)
        return replace(rule, severity=severity, enabled=severity is not Severity.OFF)

    def _object(
        self, text: Text, rule: Rule | None, name: str, entry: dict[str, Json], pointer: str
    ) -> Rule | None:
        for key in entry:
            if key not in KNOWN:
                self.unsupported.append(Unsupported(f"the member '{key[:100]}' of a rule", (name,)))
        if rule is not None:
            # An object turns the rule on, whatever turned it off before.
            return text.changed(replace(rule, enabled=True), entry, pointer)
        if self.incomplete and not {"given", "then"} <= set(entry):
            self.unsupported.append(Unsupported("a rule that is not known here", (name,)))
            return None
        return text.rule(name, text.document.source, entry, pointer)

    def _missing(self, text: Text, name: str, entry: Json, pointer: str) -> None:
        off = entry is False or (
            entry is not True and text.severity(entry, pointer) is Severity.OFF
        )
        if not self.incomplete:
            raise text.refusal(pointer, f"No rule '{name}' is inherited that could be changed.")
        if not off:
            self.unsupported.append(Unsupported("a rule that is not known here", (name,)))
