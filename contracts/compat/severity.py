"""The law that turns what a change does into how bad it is, and the ledger of its exceptions.

Called by `contracts.compat.run` for every finding and by the documentation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.compat.mode import Mode
from contracts.report import Bump, Certainty, Direction, Effect, Finding, Level, Verdict

RANK = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}
_MIRROR = {Effect.WIDENS: Effect.NARROWS, Effect.NARROWS: Effect.WIDENS}


@dataclass(frozen=True, slots=True)
class Excuse:
    """A level that the law would not give, and why it is right all the same."""

    level: Level
    reason: str


# Each entry must differ from the law; a test refuses one that has become stale.
EXCEPTIONS: Mapping[str, Excuse] = {
    "operation-removed-after-sunset": Excuse(
        Level.INFO, "the date was announced in the contract and has passed (RFC 8594)"
    ),
    "operation-removed-after-deprecation": Excuse(
        Level.WARNING, "it was announced, but nobody was told by when to leave"
    ),
    "parameter-removed": Excuse(
        Level.WARNING, "calls that send it still succeed, but no longer mean the same"
    ),
    "request-property-removed": Excuse(
        Level.WARNING, "the value is still accepted, but silently no longer read"
    ),
    "response-property-removed": Excuse(
        Level.WARNING, "its absence was always allowed, yet readers of the value lose it"
    ),
    "response-header-removed": Excuse(
        Level.WARNING, "its absence was always allowed, yet readers of the value lose it"
    ),
    "response-success-status-added": Excuse(
        Level.INFO, "a client must treat an unknown status by its class (RFC 9110 section 15)"
    ),
    "response-error-status-added": Excuse(
        Level.INFO, "a client must treat an unknown status by its class (RFC 9110 section 15)"
    ),
    "default-changed": Excuse(
        Level.WARNING, "every value is still accepted, but leaving it out now means another one"
    ),
    "discriminator-changed": Excuse(
        Level.WARNING, "the same values are accepted, but generated clients choose by another name"
    ),
    "oauth-scope-undeclared": Excuse(
        Level.WARNING, "the document does not say whether the issuer still grants it"
    ),
    "oauth-address-changed": Excuse(
        Level.WARNING, "the document does not say whether the old address still answers"
    ),
    "server-removed": Excuse(
        Level.WARNING, "the document does not say whether the old address still answers"
    ),
    "server-variable-value-removed": Excuse(
        Level.WARNING, "the document does not say whether the old address still answers"
    ),
    "server-variable-default-changed": Excuse(
        Level.WARNING, "the document does not say whether the old address still answers"
    ),
    "optional-callback-parameter-removed": Excuse(
        Level.WARNING, "its absence was always allowed, yet readers of the value lose it"
    ),
}


def law(effect: Effect, direction: Direction) -> Level:
    """Return the level of a change under BACKWARD: requests may widen, responses may narrow."""
    seen = _MIRROR.get(effect, effect) if direction is Direction.RESPONSE else effect
    if seen in (Effect.NARROWS, Effect.CHANGES):
        return Level.ERROR
    return Level.WARNING if seen is Effect.UNKNOWN else Level.INFO


def level(rule: str, effect: Effect, direction: Direction, mode: Mode = Mode.BACKWARD) -> Level:
    """Return the level of a finding: the ledger's where there is an entry, else the law's."""
    if mode is Mode.NONE:
        return Level.INFO
    if rule in EXCEPTIONS:
        return EXCEPTIONS[rule].level
    forward = law(_MIRROR.get(effect, effect), direction)
    backward = law(effect, direction)
    choices = {
        Mode.BACKWARD: (backward,),
        Mode.FORWARD: (forward,),
        Mode.FULL: (backward, forward),
    }[mode]
    return min(choices, key=RANK.__getitem__)


def verdict(findings: Iterable[Finding], mode: Mode) -> Verdict:
    """Return the judgement: one break breaks; what could not be decided is never compatible."""
    standing = [finding for finding in findings if not finding.waived]
    if mode is Mode.NONE:
        return Verdict.COMPATIBLE
    if any(finding.level is Level.ERROR for finding in standing):
        return Verdict.BREAKING
    doubtful = (Certainty.SUSPECTED, Certainty.UNDECIDED)
    if any(f.effect is Effect.UNKNOWN or f.certainty in doubtful for f in standing):
        return Verdict.UNDECIDED
    return Verdict.COMPATIBLE


def required_bump(findings: Iterable[Finding], *, same_text: bool) -> Bump:
    """Return the version step that the findings need (Semantic Versioning 2.0.0, 6 to 8).

    Texts that differ without a finding differ in words only: a patch.
    """
    levels = {finding.level for finding in findings}
    if Level.ERROR in levels:
        return Bump.MAJOR
    if levels:
        return Bump.MINOR
    return Bump.NONE if same_text else Bump.PATCH
