"""Rulesets in Spectral's format: inherited, merged, checked; called by the CLI and the registry.

Nothing here touches a file: the caller's `read` does, and decides what may be read at all.
"""

import difflib
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import replace

from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.lint import dialects, packs
from contracts.lint.aliases import expand
from contracts.lint.catalogue import FUNCTIONS
from contracts.lint.merging import Merger, wanted
from contracts.lint.overrides import read_overrides
from contracts.lint.reading import Text
from contracts.lint.rule import Alias, Override, Rule, Ruleset, Unsupported
from contracts.lint.wellformed import path_fault, pattern_fault

_PARTS = frozenset(["rules", "extends", "overrides", "except", "aliases"])
Read = Callable[[str], bytes]
"""Returns the bytes of a file that `extends` names. Raises `TreatyError` or `OSError`."""

MAX_FILES = 50
MAX_RULES = 5_000
# Where both packs have a rule for the same, ours says it: it accepts more ways, or weighs it right.
DEFAULT = b"""
extends: [spectral:oas, treaty:governance]
rules:
  info-contact: off
  operation-description: off
  operation-operationId: off
"""


def load(source: str, read: Read) -> Ruleset:
    """Return the ruleset in a file. Raises `TreatyError` (invalid-ruleset and those of parsing)."""
    return loads(read(source), source, read)


def loads(text: bytes, source: str, read: Read) -> Ruleset:
    """Return the ruleset in a text; `source` is its name, from which `extends` counts."""
    return _Loader(read).top(yaml.parse(text, source=source))


def pack(name: str) -> Ruleset:
    """Return a shipped ruleset with all its rules. Raises `LookupError`."""
    loader = _Loader(_no_files)
    document = yaml.parse(packs.text(name), source=name)
    return loader.top(document, mode="all")


def default() -> Ruleset:
    """Return what is judged by when nobody says otherwise."""
    return loads(DEFAULT, "(default)", _no_files)


def _no_files(name: str) -> bytes:
    raise LookupError(name)


class _Loader:
    """Reads one ruleset and everything that it extends."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.files = 0
        self.within: list[str] = []
        self.merger = Merger()
        self.unsupported = self.merger.unsupported

    def top(self, document: Document, mode: str = "recommended") -> Ruleset:
        """Return the whole ruleset of a document."""
        text = Text(document)
        rules, aliases = self.ruleset(text, mode, explicit=False)
        root = text.mapping(document.root, "")
        if not _PARTS & set(root):
            raise text.refusal("", "A ruleset needs 'rules', 'extends' or 'overrides'.")
        overrides = tuple(self._override(text, *entry, aliases) for entry in read_overrides(text))
        self._mention(text, root)
        self._check(rules, text)
        return Ruleset(document.source, rules, overrides, tuple(self.unsupported))

    def ruleset(
        self, text: Text, mode: str, *, explicit: bool
    ) -> tuple[dict[str, Rule], dict[str, Alias]]:
        """Return the rules and aliases of a text, with what it inherits."""
        source = text.document.source
        self.within.append(source)
        root = text.mapping(text.document.root, "")
        rules, aliases = self._inherited(text)
        if explicit:
            rules = {n: replace(rule, enabled=wanted(rule, mode)) for n, rule in rules.items()}
        aliases |= text.aliases(root.get("aliases"), "/aliases")
        own = text.mapping(root.get("rules"), "/rules")
        formats = text.formats(root.get("formats"), "/formats")
        link = text.word(root.get("documentationUrl"), "/documentationUrl")
        for name, entry in own.items():
            known = name in rules
            rule = self.merger.merged(text, rules.get(name), name, entry, jp.join("/rules", name))
            if rule is None:
                continue
            if not known:
                rule = replace(
                    rule,
                    aliases=aliases,
                    enabled=rule.enabled and wanted(rule, mode),
                    formats=rule.formats or formats,
                    documentation=rule.documentation or (f"{link}#{name}" if link else ""),
                )
            rules[name] = rule
        if len(rules) > MAX_RULES:
            raise text.refusal("/rules", f"A ruleset has at most {MAX_RULES} rules.")
        self.within.pop()
        return rules, aliases

    def _inherited(self, text: Text) -> tuple[dict[str, Rule], dict[str, Alias]]:
        rules: dict[str, Rule] = {}
        aliases: dict[str, Alias] = {}
        for name, mode, explicit, pointer in text.extends():
            document = self._document(text, name, pointer)
            if document is not None:
                more, names = self.ruleset(Text(document), mode, explicit=explicit)
                rules |= more
                aliases |= names
        return rules, aliases

    def _document(self, text: Text, name: str, pointer: str) -> Document | None:
        """Return the ruleset that `extends` names, None when it is listed as unsupported."""
        self.files += 1
        if self.files > MAX_FILES:
            raise text.refusal(pointer, f"Rulesets extend more than {MAX_FILES} others.")
        if name in packs.names():
            return self._parsed(text, name, pointer, packs.text(name))
        for part, pack_name in packs.STAND_INS.items():
            if part in name and pack_name in packs.names():
                self.merger.incomplete = True
                what = f"extends '{name[:200]}': judged by our {pack_name} in its place"
                self.unsupported.append(Unsupported(what))
                return self._parsed(text, pack_name, pointer, packs.text(pack_name))
        if not _is_file(name):
            self.merger.incomplete = True
            what = f"extends '{name[:200]}': only files and {', '.join(packs.names())} are read"
            if "://" in name:
                what += "; nothing is fetched, so save it beside this ruleset and extend the file"
            self.unsupported.append(Unsupported(what))
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(text.document.source), name))
        return self._parsed(text, path, pointer, None)

    def _parsed(self, text: Text, name: str, pointer: str, content: bytes | None) -> Document:
        if name in self.within:
            circle = " → ".join((*self.within[self.within.index(name) :], name))
            raise text.refusal(pointer, f"Rulesets extend each other in a circle: {circle}.")
        if content is None:
            try:
                content = self.read(name)
            except (OSError, LookupError):
                raise text.refusal(pointer, f"The ruleset '{name}' cannot be read.") from None
        return yaml.parse(content, source=name)

    def _override(
        self,
        text: Text,
        globs: tuple[tuple[str, str | None], ...],
        entry: dict[str, Json],
        aliases: Mapping[str, Alias],
    ) -> Override:
        own = {**aliases, **text.aliases(entry.get("aliases"), "/overrides")}
        within = Text(replace(text.document, root={"extends": entry.get("extends", [])}))
        inherited, names = self._inherited(within)
        rules = text.mapping(entry.get("rules"), "/overrides")
        return Override(globs, inherited, rules, own | names, text.document)

    def _mention(self, text: Text, root: dict[str, Json]) -> None:
        """List what a ruleset asks for as a whole and does not get."""
        options = text.mapping(root.get("parserOptions"), "/parserOptions")
        for name, policy in options.items():
            if policy in ("error", 0) and name in ("duplicateKeys", "incompatibleValues"):
                continue
            said = "a text with a key twice is always refused"
            what = said if name == "duplicateKeys" else "texts are always read strictly"
            self.unsupported.append(Unsupported(f"parserOptions.{name[:100]}: {what}"))

    def _sound(self, rule: Rule, text: Text) -> None:
        """Refuse what could never run: no path, no demand, brackets that do not close."""
        at = jp.join("/rules", rule.name)
        for key, found in (("given", rule.given), ("then", rule.then)):
            if not found:
                raise text.refusal(jp.join(at, key), f"The rule '{rule.name}' needs '{key}'.")
        try:
            paths = expand(rule.given, rule.aliases, None)
        except TreatyError as error:
            raise text.refusal(jp.join(at, "given"), error.problem.detail) from None
        fault = next(filter(None, map(path_fault, paths)), None)
        if fault is not None:
            raise text.refusal(jp.join(at, "given"), fault)
        for then in rule.then:
            options = [then.options.get(name) for name in ("match", "notMatch")]
            patterns = [o for o in options if isinstance(o, str) and then.function == "pattern"]
            fault = next(filter(None, map(pattern_fault, patterns)), None)
            if fault is not None:
                raise text.refusal(jp.join(at, "then"), fault)

    def _check(self, rules: dict[str, Rule], text: Text) -> None:
        """Refuse aliases that lead nowhere; list functions that only JavaScript has."""
        root = text.mapping(text.document.root, "")
        declared = root.get("functions") or root.get("functionsDir")
        missing: dict[str, list[str]] = {}
        strange: dict[str, list[str]] = {}
        for rule in rules.values():
            self._sound(rule, text)
            for name in sorted((rule.formats or frozenset()) - set(dialects.FORMATS)):
                strange.setdefault(name, []).append(rule.name)
            for then in rule.then:
                if then.function not in FUNCTIONS:
                    missing.setdefault(then.function, []).append(rule.name)
        for name, names in strange.items():
            what = f"the format '{name[:100]}', which no document here has"
            self.unsupported.append(Unsupported(what, tuple(names)))
        for function, names in missing.items():
            if not declared and not self.merger.incomplete and names[0] in _own(root):
                near = difflib.get_close_matches(function, FUNCTIONS, 1)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                pointer = jp.join("/rules", names[0], "then")
                raise text.refusal(pointer, f"The function '{function}' is not known.{hint}")
            what = f"the function '{function[:100]}', which only JavaScript could run"
            self.unsupported.append(Unsupported(what, tuple(names)))
        if declared and not missing:
            self.unsupported.append(Unsupported("functions in JavaScript; no rule needs them"))


def _own(root: dict[str, Json]) -> Mapping[str, Json]:
    rules = root.get("rules")
    return rules if isinstance(rules, dict) else {}


def _is_file(name: str) -> bool:
    scheme = "://" in name or name.startswith(("spectral:", "@"))
    return not scheme and name.endswith((".yaml", ".yml", ".json"))
