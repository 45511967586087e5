"""Numbers: ranges, multiples and their complements, decided with exact fractions.

Called by `search`.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import islice

from contracts.containment.claims import Among, Atom, Between, Multiple
from contracts.containment.outcome import NONE, Found, Outcome, Unknown
from contracts.document import Json

TRIES = 400


@dataclass(slots=True)
class _Wanted:
    """All atoms about one number, together."""

    low: Fraction | None = None
    high: Fraction | None = None
    above: bool = False
    below: bool = False
    step: Fraction | None = None
    unlike: list[Fraction] = field(default_factory=list)
    chosen: frozenset[str] | None = None
    excluded: set[Fraction] = field(default_factory=set)

    def fits(self, value: Fraction) -> bool:
        return not (
            (self.low is not None and (value < self.low or (self.above and value == self.low)))
            or (
                self.high is not None and (value > self.high or (self.below and value == self.high))
            )
            or (self.step is not None and value % self.step)
            or any(value % other == 0 for other in self.unlike)
            or value in self.excluded
        )


def settle(_: object, atoms: Sequence[Atom], *, final: bool) -> Outcome:  # noqa: ARG001  # one signature for all kinds
    """Return a number that meets the atoms, preferably a simple one."""
    wanted = _gather(atoms)
    if wanted.chosen is not None:
        values = (fraction(text) for text in sorted(wanted.chosen, key=lambda t: (len(t), t)))
        return _first(wanted, values) or NONE
    if wanted.step is not None:
        return _stepped(wanted, wanted.step)
    return _dense(wanted)


def fraction(text: str) -> Fraction:
    """Return a JSON number exactly."""
    return Fraction(Decimal(text))


def _gather(atoms: Iterable[Atom]) -> _Wanted:
    wanted = _Wanted()
    for atom in atoms:
        if isinstance(atom, Between):
            _narrow(wanted, atom)
        elif isinstance(atom, Multiple) and atom.holds:
            wanted.step = atom.of if wanted.step is None else _lcm(wanted.step, atom.of)
        elif isinstance(atom, Multiple):
            wanted.unlike.append(atom.of)
        elif isinstance(atom, Among) and atom.holds:
            known = wanted.chosen
            wanted.chosen = atom.texts if known is None else known & atom.texts
        elif isinstance(atom, Among):
            wanted.excluded |= {fraction(text) for text in atom.texts}
    return wanted


def _narrow(wanted: _Wanted, atom: Between) -> None:
    if atom.low is not None and (
        wanted.low is None or (atom.low, atom.above) > (wanted.low, wanted.above)
    ):
        wanted.low, wanted.above = atom.low, atom.above
    if atom.high is not None and (
        wanted.high is None or (atom.high, not atom.below) < (wanted.high, not wanted.below)
    ):
        wanted.high, wanted.below = atom.high, atom.below


def _lcm(one: Fraction, other: Fraction) -> Fraction:
    scale = math.lcm(one.denominator, other.denominator)
    return Fraction(math.lcm(int(one * scale), int(other * scale)), scale)


def _first(wanted: _Wanted, values: Iterable[Fraction]) -> Found | None:
    return next((Found(written(value)) for value in values if wanted.fits(value)), None)


def _stepped(wanted: _Wanted, step: Fraction) -> Outcome:
    if any(step % other == 0 for other in wanted.unlike):
        return NONE
    tries = TRIES + len(wanted.excluded)
    if wanted.low is not None and wanted.high is not None:
        first, last = math.ceil(wanted.low / step), math.floor(wanted.high / step)
        found = _first(wanted, (step * k for k in range(first, min(last, first + tries) + 1)))
        return found or (NONE if last - first <= tries else Unknown("too many numbers to try"))
    if wanted.low is not None and wanted.low > 0:
        start, sign = math.ceil(wanted.low / step), 1
    elif wanted.high is not None and wanted.high < 0:
        start, sign = math.floor(wanted.high / step), -1
    else:
        start, sign = 0, -1 if wanted.low is None and wanted.high is not None else 1
    values = (step * (start + sign * k) for k in range(tries))
    return _first(wanted, values) or Unknown("too many numbers to try")


def _dense(wanted: _Wanted) -> Outcome:
    low, high = wanted.low, wanted.high
    if low is not None and high is not None and low >= high:
        point = low == high and not (wanted.above or wanted.below)
        return (_first(wanted, [low]) if point else None) or NONE
    tries = TRIES + len(wanted.excluded)
    found = _first(wanted, islice(_simple(low, high), tries))
    return found or Unknown("too many numbers to try")


def _simple(low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Yield numbers of a range: zero, whole ones, then ever finer decimals."""
    start = low if low is not None else (high - 1 if high is not None else Fraction(0))
    end = high if high is not None else start + 2
    yield Fraction(0)
    yield from (Fraction(math.ceil(start) + k) for k in range(3))
    yield from (start, end)
    if low is not None and high is None:
        yield from (start + k for k in range(1, 50))
    scale = 10
    while True:
        first = math.floor(start * scale) + 1
        yield from (Fraction(first + k, scale) for k in range(20))
        yield (start + end) / 2
        scale *= 10


def written(value: Fraction) -> Json:
    """Return the number as JSON writes it."""
    if value.denominator == 1:
        return int(value)
    number: float = json.loads(json.dumps(float(value)))
    return number
