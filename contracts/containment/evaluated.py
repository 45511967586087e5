"""`unevaluatedProperties` and `unevaluatedItems`: what is left when every other keyword has looked.

Called by `expand`. Which members count as evaluated depends on the branches that hold, so the
meaning is a choice between cases (JSON Schema 2020-12, core 11).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from contracts.containment import expand
from contracts.containment.claims import (
    TRUE,
    Claim,
    Each,
    Every,
    Formula,
    Has,
    Lacks,
    Opaque,
    both,
    either,
)
from contracts.containment.words import Side
from contracts.model import Node

MAX_CASES = 64
_KEYWORDS = {"object": "unevaluatedProperties", "array": "unevaluatedItems"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What some keywords have evaluated: of an object or, as `prefix`, of an array."""

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    prefix: int = 0
    everything: bool = False

    def __or__(self, other: "Seen") -> "Seen":
        return Seen(
            self.names | other.names,
            (*self.patterns, *other.patterns),
            max(self.prefix, other.prefix),
            self.everything or other.everything,
        )


Case = tuple[Formula, Seen]


class TooManyCasesError(Exception):
    """More combinations of branches than are worth telling apart."""


def meanings(side: Side, node: Node, kind: str) -> Iterator[tuple[str, Formula]]:
    """Yield the meaning of the unevaluated keyword of a schema, if it has one."""
    keyword = _KEYWORDS[kind]
    rest = side.words(node).one.get(keyword)
    if rest is None or rest.value in (True, {}):
        return
    try:
        cases = _cases(side, node, kind, frozenset(), outermost=True)
    except TooManyCasesError:
        yield keyword, Opaque(f"`{keyword}` over too many branches", kind)
        return
    claim = expand.claim_of(side, rest)
    yield keyword, either(both([when, _left(side, seen, claim, kind)]) for when, seen in cases)


def _left(side: Side, seen: Seen, claim: Claim, kind: str) -> Formula:
    if seen.everything:
        return TRUE
    if kind == "object":
        beside = tuple((pattern, None) for pattern in seen.patterns)
        return Every(side.name, patterns=beside, rest=claim, known=seen.names)
    anything = Claim(side.name, holds=True, pointer="true", node=Node("", value=True))
    return Each((anything,) * seen.prefix, claim)


def _cases(
    side: Side, node: Node, kind: str, path: frozenset[str], *, outermost: bool = False
) -> list[Case]:
    """Return the exclusive and exhaustive cases of what this schema evaluates."""
    node = side.settle(node)
    if node.pointer in path or not isinstance(node.value, dict):
        return [(TRUE, Seen())]
    path = path | {node.pointer}
    words = side.words(node)
    cases: list[Case] = [(TRUE, _own(side, node, kind, outermost=outermost))]
    always = [*words.many.get("allOf", ()), *([words.ref] if words.ref else [])]
    for child in always:
        cases = _cross(cases, _cases(side, child, kind, path))
    for key in ("anyOf", "oneOf"):
        for child in words.many.get(key, ()):
            cases = _cross(cases, _branch(side, child, kind, path))
    if "if" in words.one:
        cases = _cross(cases, _condition(side, node, kind, path))
    for name, child in words.named.get("dependentSchemas", {}).items():
        if kind == "object":
            inner = _cases(side, child, kind, path)
            present = [(both([Has(frozenset(), name), when]), seen) for when, seen in inner]
            cases = _cross(cases, [(Lacks(name), Seen()), *present])
    return cases


def _own(side: Side, node: Node, kind: str, *, outermost: bool) -> Seen:
    words = side.words(node)
    nested = not outermost and _KEYWORDS[kind] in words.one
    if kind == "array" and "contains" in words.one:
        raise TooManyCasesError  # which items it has evaluated depends on their values
    if kind == "object":
        return Seen(
            names=frozenset(words.named.get("properties", {})),
            patterns=tuple(words.named.get("patternProperties", {})),
            everything=nested or "additionalProperties" in words.one,
        )
    return Seen(
        prefix=len(words.many.get("prefixItems", ())), everything=nested or "items" in words.one
    )


def _branch(side: Side, child: Node, kind: str, path: frozenset[str]) -> list[Case]:
    claim = expand.claim_of(side, child)
    inner = _cases(side, child, kind, path)
    return [(claim.negated(), Seen()), *((both([claim, when]), seen) for when, seen in inner)]


def _condition(side: Side, node: Node, kind: str, path: frozenset[str]) -> list[Case]:
    one = side.words(node).one
    test = expand.claim_of(side, one["if"])
    met = [(both([test, when]), seen) for when, seen in _cases(side, one["if"], kind, path)]
    if "then" in one:
        met = _cross(met, _cases(side, one["then"], kind, path))
    unmet: list[Case] = [(test.negated(), Seen())]
    if "else" in one:
        unmet = _cross(unmet, _cases(side, one["else"], kind, path))
    return met + unmet


def _cross(left: list[Case], right: list[Case]) -> list[Case]:
    if len(left) * len(right) > MAX_CASES:
        raise TooManyCasesError
    return [
        (both([one, other]), seen | more) for (one, seen), (other, more) in product(left, right)
    ]
