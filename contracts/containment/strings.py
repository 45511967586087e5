"""Texts: lengths, patterns and formats, decided as regular languages.

Called by `search`; the work is done by `contracts.languages`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.containment.claims import Among, Atom, Formatted, Matches, Size
from contracts.containment.outcome import NONE, Found, Outcome, Unknown
from contracts.languages import question as languages
from contracts.languages.formats import INNER, OUTER, SAMPLES, WIDER
from contracts.languages.matching import matches


@dataclass(slots=True)
class _Wanted:
    """All atoms about one text, together."""

    low: int = 0
    high: int | None = None
    patterns: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    chosen: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()


def settle(_: object, atoms: Sequence[Atom], *, final: bool) -> Outcome:  # noqa: ARG001  # one signature for all kinds
    """Return a text that meets the atoms: a short one of letters and digits, where it may."""
    wanted = _gather(atoms)
    if (wanted.high is not None and wanted.low > wanted.high) or (
        _includers(wanted.formats) & set(wanted.unlike)
    ):
        return NONE
    if wanted.chosen is not None:
        return _pick(wanted, sorted(wanted.chosen - wanted.excluded, key=lambda t: (len(t), t)))
    samples = [text for name in wanted.formats for text in SAMPLES.get(name, ((), ()))[0]]
    samples += [text for name in wanted.unlike for text in SAMPLES.get(name, ((), ()))[1]]
    likely = _pick(wanted, [text for text in samples if text not in wanted.excluded])
    if isinstance(likely, Found):
        return likely
    if any(name not in INNER for name in (*wanted.formats, *wanted.unlike)):
        return Unknown(f"no pattern describes the format {(*wanted.formats, *wanted.unlike)[0]}")
    return _ask(wanted)


def _gather(atoms: Iterable[Atom]) -> _Wanted:
    wanted = _Wanted()
    for atom in atoms:
        if isinstance(atom, Size):
            wanted.low = max(wanted.low, atom.low)
            if atom.high is not None:
                wanted.high = atom.high if wanted.high is None else min(wanted.high, atom.high)
        elif isinstance(atom, Matches):
            (wanted.patterns if atom.holds else wanted.refused).append(atom.pattern)
        elif isinstance(atom, Formatted):
            (wanted.formats if atom.holds else wanted.unlike).append(atom.name)
        elif isinstance(atom, Among):
            _among(wanted, atom)
    return wanted


def _among(wanted: _Wanted, atom: Among) -> None:
    texts = frozenset(json.loads(text) for text in atom.texts)
    if atom.holds:
        wanted.chosen = texts if wanted.chosen is None else wanted.chosen & texts
    else:
        wanted.excluded |= texts


def _pick(wanted: _Wanted, texts: Iterable[str]) -> Outcome:
    """Return the first text that fits; whether one fits may be unknown."""
    doubt: Outcome = NONE
    for text in texts:
        fits = _fits(wanted, text)
        if fits:
            return Found(text)
        if fits is None:
            doubt = Unknown("a pattern or format cannot be evaluated", (text,))
    return doubt


def _fits(wanted: _Wanted, text: str) -> bool | None:
    if len(text) < wanted.low or (wanted.high is not None and len(text) > wanted.high):
        return False
    answers: list[bool | None] = [matches(pattern, text) for pattern in wanted.patterns]
    answers += [_opposite(matches(pattern, text)) for pattern in wanted.refused]
    answers += [_follows(name, text) for name in wanted.formats]
    answers += [_opposite(_follows(name, text)) for name in wanted.unlike]
    if False in answers:
        return False
    return None if None in answers else True


def _follows(name: str, text: str) -> bool | None:
    valid, invalid = SAMPLES.get(name, ((), ()))
    if text in valid or text in invalid:
        return text in valid
    if name not in INNER:
        return None
    if matches(INNER[name], text):
        return True
    return False if matches(OUTER[name], text) is False else None


def _includers(formats: Iterable[str]) -> set[str]:
    """Return the formats, and those that hold every text of one of them."""
    return {wider for name in formats for wider in (name, *WIDER.get(name, ()))}


def _opposite(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _ask(wanted: _Wanted) -> Outcome:
    """Ask twice: for a text that surely meets the formats, then for one that may."""
    sure = languages.answer(_question(wanted, INNER, OUTER))
    if isinstance(sure, languages.Found):
        return Found(sure.text)
    exact = all(INNER[name] == OUTER[name] for name in (*wanted.formats, *wanted.unlike))
    if exact:
        return Unknown(sure.reason) if isinstance(sure, languages.Unknown) else NONE
    maybe = languages.answer(_question(wanted, OUTER, INNER))
    if isinstance(maybe, languages.Found):
        return Unknown("validators differ about a format", (maybe.text,))
    return Unknown(maybe.reason) if isinstance(maybe, languages.Unknown) else NONE


def _question(
    wanted: _Wanted, held: Mapping[str, str], broken: Mapping[str, str]
) -> languages.Question:
    return languages.Question(
        matches=(*wanted.patterns, *(held[name] for name in wanted.formats)),
        refuses=(*wanted.refused, *(broken[name] for name in wanted.unlike)),
        shortest=wanted.low,
        longest=wanted.high,
        distinct_from=wanted.excluded,
    )
