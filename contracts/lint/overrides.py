"""`overrides` and the older `except`: other rules for some files, or below some pointers."""

import posixpath
from collections.abc import Iterator
from dataclasses import replace

from contracts import pointer as jp
from contracts.document import Json
from contracts.lint import globs
from contracts.lint.merging import Merger
from contracts.lint.reading import Text
from contracts.lint.rule import Override, Rule, Ruleset, Severity

Globs = tuple[tuple[str, str | None], ...]


def read_overrides(text: Text) -> Iterator[tuple[Globs, dict[str, Json]]]:
    """Yield the files and the content of each override, in order. Raises `TreatyError`."""
    root = text.mapping(text.document.root, "")
    for name, rules in text.mapping(root.get("except"), "/except").items():
        off: dict[str, Json] = dict.fromkeys(text.words(rules, jp.join("/except", name)), "off")
        yield (_split(name),), {"rules": off}
    for index, item in enumerate(text.items(root.get("overrides"), "/overrides")):
        pointer = jp.join("/overrides", index)
        entry = text.mapping(item, pointer)
        files = text.words(entry.get("files"), jp.join(pointer, "files"))
        if not files:
            raise text.refusal(pointer, "An override needs 'files'.")
        found = tuple(_split(name) for name in files)
        _refuse_wide(text, found, entry, jp.join(pointer, "rules"))
        for each in found:
            globs.matches(each[0], "")  # a glob that is a bomb is refused when it is read
        yield found, entry


def _split(name: str) -> tuple[str, str | None]:
    glob, sign, pointer = name.partition("#")
    return glob, pointer if sign else None


def _refuse_wide(text: Text, found: Globs, entry: dict[str, Json], pointer: str) -> None:
    """Below a pointer only the severity can differ: rules run on whole documents."""
    if all(place is None for _, place in found):
        return
    for name, rule in text.mapping(entry.get("rules"), pointer).items():
        at = jp.join(pointer, name)
        if isinstance(rule, dict):
            raise text.refusal(at, "Below a pointer, an override can only set a severity.")
        text.severity(rule, at)


def effective(ruleset: Ruleset, source: str) -> dict[str, Rule]:
    """Return the rules for one file; the last override wins.

    `source` and the ruleset's own name are paths from the same folder. Raises `TreatyError`.
    """
    folder = posixpath.dirname(ruleset.source)
    name = posixpath.normpath(posixpath.relpath(source, folder)) if folder else source
    rules = dict(ruleset.rules)
    for override in ruleset.overrides:
        for glob, pointer in override.globs:
            if globs.matches(glob.removeprefix("./"), name):
                _apply(rules, override, pointer)
    return rules


def _apply(rules: dict[str, Rule], override: Override, below: str | None) -> None:
    text = Text(override.document)
    merger = Merger()
    if below is None:
        rules.update(override.inherited)
    for name, entry in override.definitions.items():
        at = jp.join("/overrides", name)
        rule = rules.get(name)
        if below is None:
            changed = merger.merged(text, rule, name, entry, at)
            if changed is not None:
                fresh = rule is None
                rules[name] = replace(changed, aliases=override.aliases) if fresh else changed
        elif rule is not None:
            severity = text.severity(entry, at)
            # A rule that is off elsewhere is on here, and silent elsewhere.
            base = rule.severity if rule.enabled else Severity.OFF
            spoken = (*rule.exceptions, (below, severity))
            rules[name] = replace(rule, severity=base, enabled=True, exceptions=spoken)
