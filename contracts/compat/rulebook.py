"""What every rule id in a report means: checks, rules about waivers, and problems of reading.

Called by renderers that carry help (SARIF, HTML), by `treaty explain` and by the documentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from contracts import catalog
from contracts.compat.checks import CHECKS
from contracts.compat.profiles.difference import UNDECIDED, UNDECIDED_SENTENCE
from contracts.compat.profiles.emulation import EMULATIONS, rule
from contracts.waivers import RULES


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule: what it is (check, waivers, problem, profile), its sentence, why, and a way out."""

    id: str
    kind: str
    sentence: str
    why: str = ""
    fix: str = ""


@cache
def entries() -> Mapping[str, Entry]:
    """Return every rule by its id."""
    found = {kind.slug: Entry(kind.slug, "problem", kind.title) for kind in catalog.problem_types()}
    found |= {r.id: Entry(r.id, "waivers", r.sentence, r.why, r.fix) for r in RULES.values()}
    found |= {c.id: Entry(c.id, "check", c.sentence, c.why, c.fix) for c in CHECKS}
    for profile, emulation in EMULATIONS.items():
        by = f"{emulation.name} decides by this rule."
        for name, told in emulation.table.items():
            known, why = rule(profile, name), f"{by} It calls {name} {told.judged}."
            found[known] = Entry(known, "profile", _sentence(told.sentence), why)
        known = rule(profile, UNDECIDED)
        found[known] = Entry(known, "profile", _sentence(UNDECIDED_SENTENCE))
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def entry(name: str) -> Entry:
    """Return what is known of a rule; an unknown one speaks by its id."""
    return entries().get(name) or Entry(name, "profile", name.replace("-", " ").capitalize() + ".")
