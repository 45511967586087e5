"""Rules as data: what a ruleset says, read and merged; called by `ruleset` and `run`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from contracts.document import Document, Json


class Severity(IntEnum):
    """How bad, in Spectral's numbers; `OFF` reports nothing."""

    OFF = -1
    ERROR = 0
    WARN = 1
    INFO = 2
    HINT = 3

    @property
    def word(self) -> str:
        """The name in rulesets and reports."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Then:
    """One demand on each selected value."""

    function: str
    options: Mapping[str, Json] = field(default_factory=dict)
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """What `#Name` stands for: paths for all formats (None), or by formats."""

    targets: tuple[tuple[frozenset[str] | None, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, after everything that was inherited; `pack` is the ruleset that defined it."""

    name: str
    pack: str
    given: tuple[str, ...]
    then: tuple[Then, ...]
    severity: Severity = Severity.WARN
    message: str | None = None
    description: str = ""
    documentation: str = ""
    formats: frozenset[str] | None = None
    recommended: bool = True
    resolved: bool = True
    enabled: bool = True
    tags: tuple[str, ...] = ()
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    # Below these pointers another severity holds (`overrides` with a pointer); the last wins.
    exceptions: tuple[tuple[str, Severity], ...] = ()
    fix: str = ""

    @property
    def active(self) -> bool:
        """Whether the rule can report anything."""
        spoken = [self.severity, *(severity for _, severity in self.exceptions)]
        return self.enabled and any(severity is not Severity.OFF for severity in spoken)

    def severity_at(self, pointer: str) -> Severity:
        """Return the severity of a finding at a pointer."""
        found = self.severity
        for base, severity in self.exceptions:
            if pointer == base or pointer.startswith(base + "/"):
                found = severity
        return found


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A part of a ruleset that is not carried out: which rules miss what, and why."""

    what: str
    rules: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the two members of the machine interface."""
        return {"what": self.what, "rules": list(self.rules)}

    def __str__(self) -> str:
        rules = f" (rules: {', '.join(self.rules)})" if self.rules else ""
        return f"{self.what}{rules}"


@dataclass(frozen=True, slots=True)
class Override:
    """Other rules for the files that match a glob; below a pointer, other severities."""

    globs: tuple[tuple[str, str | None], ...]  # relative to the ruleset's folder; pointer or None
    inherited: Mapping[str, Rule]
    definitions: Mapping[str, Json]
    aliases: Mapping[str, Alias]
    document: Document  # the ruleset in which it stands


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Rules by name, what holds for some files only, and what cannot be honoured."""

    source: str
    rules: Mapping[str, Rule]
    overrides: tuple[Override, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
