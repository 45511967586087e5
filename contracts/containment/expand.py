"""Says what one schema means for values of one kind, keyword by keyword.

Called by `search`. Each keyword group has one small function; a violation is the negation.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

from contracts.containment import evaluated
from contracts.containment.apart import apart, constants
from contracts.containment.claims import (
    FALSE,
    TRUE,
    Among,
    Between,
    Claim,
    Contains,
    Distinct,
    Each,
    Every,
    Formatted,
    Formula,
    Has,
    Is,
    Lacks,
    Matches,
    Multiple,
    Names,
    Opaque,
    Size,
    both,
    either,
)
from contracts.containment.constants import kind_of
from contracts.containment.words import Side, Words
from contracts.document import Json, Number
from contracts.errors import TreatyError
from contracts.merging import literal
from contracts.model import Node

Meaning = tuple[str, Formula]  # a keyword, and what it asks for

_CONSTRAINED_FORMATS = frozenset(
    {"date", "date-time", "time", "duration", "email", "idn-email", "hostname", "idn-hostname",
     "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference", "uri-template", "uuid",
     "json-pointer", "relative-json-pointer", "regex", "byte"}
)  # fmt: skip


def expand(side: Side, claim: Claim, kind: str) -> Formula:
    """Return what the claim asks of a value of this kind.

    Raises `TreatyError` when a reference of the schema cannot be followed.
    """
    value = claim.node.value
    if not isinstance(value, dict):
        return TRUE if claim.holds is (value is not False) else FALSE
    if side.circular(claim.node):
        return Opaque("it refers to itself")
    words = side.words(claim.node)
    if words.types is not None and not claim.only and _type(words.types, kind) == FALSE:
        return FALSE if claim.holds else TRUE  # most kinds end here, before anything is read
    found = meanings(side, words, kind, claim.node)
    if claim.holds:
        return both(formula for _, formula in found)
    return either(
        formula.negated() for keyword, formula in found if not claim.only or keyword in claim.only
    )


def claim_of(side: Side, node: Node, *, holds: bool = True) -> Claim:
    """Return the claim about a schema, at the place where it is written."""
    try:
        settled = side.settle(node)
    except TreatyError:
        settled = node  # only what depends on the broken reference is not known
    return Claim(side.name, holds, settled.pointer, settled)


def meanings(side: Side, words: Words, kind: str, node: Node) -> list[Meaning]:
    """Return what each keyword asks of a value of this kind."""
    found: list[Meaning] = []
    if words.ref is not None:
        found.append(("$ref", claim_of(side, words.ref)))
    if words.types is not None:
        found.append(("type", _type(words.types, kind)))
    if words.enum is not None:
        found.append(("enum", _enum(words.enum, kind)))
    found += _composed(side, words, kind)
    found += _BY_KIND.get(kind, _nothing)(side, words)
    if kind in ("object", "array"):
        found += evaluated.meanings(side, node, kind)
    found += [(name, Opaque(f"`{name}`")) for name in words.opaque]
    return found


def _type(types: tuple[str, ...], kind: str) -> Formula:
    if kind in types:
        return TRUE
    return Multiple(Fraction(1)) if kind == "number" and "integer" in types else FALSE


def _enum(values: list[Json], kind: str) -> Formula:
    own = [value for value in values if kind_of(value) == kind]
    if kind == "null":
        return TRUE if own else FALSE
    texts = dict.fromkeys(literal(value) for value in own)
    if kind in ("object", "array"):
        return either(Is(text) for text in texts)
    return Among(kind, frozenset(texts)) if texts else FALSE


def _composed(side: Side, words: Words, kind: str) -> Iterator[Meaning]:
    def claims(key: str) -> list[Claim]:
        return [claim_of(side, node) for node in words.many[key]]

    if "allOf" in words.many:
        yield "allOf", both(claims("allOf"))
    if "oneOf" in words.many and words.apart is None:
        words.apart = side.loose or apart(side, words.many["oneOf"])
    for key in ("anyOf", "oneOf"):
        if key in words.many:
            together = _one_of if key == "oneOf" and not words.apart else either
            values = constants(side, words.many[key]) if together is either else None
            yield key, together(claims(key)) if values is None else _enum(values, kind)
    one = words.one
    if "not" in one:
        yield "not", claim_of(side, one["not"], holds=False)
    if "if" in one:
        test = claim_of(side, one["if"])
        then = claim_of(side, one["then"]) if "then" in one else TRUE
        other = claim_of(side, one["else"]) if "else" in one else TRUE
        yield "if", both([either([test.negated(), then]), either([test, other])])
    for name, node in words.named.get("dependentSchemas", {}).items():
        if kind == "object":
            yield "dependentSchemas", either([Lacks(name), claim_of(side, node)])


def _one_of(claims: list[Claim]) -> Formula:
    """Exactly one branch holds: one does, and each other does not."""
    return either(
        both([claim, *(other.negated() for other in claims if other is not claim)])
        for claim in claims
    )


def _number(_: Side, words: Words) -> Iterator[Meaning]:
    plain = words.plain
    for key, above in (("minimum", False), ("exclusiveMinimum", True)):
        if key in plain:
            yield key, Between(low=exact(plain[key]), above=above)
    for key, below in (("maximum", False), ("exclusiveMaximum", True)):
        if key in plain:
            yield key, Between(high=exact(plain[key]), below=below)
    if "multipleOf" in plain:
        yield "multipleOf", Multiple(exact(plain["multipleOf"]))


def exact(value: Json) -> Fraction:
    """Return a JSON number as it was written: `0.1` is one tenth."""
    if isinstance(value, Number):
        return Fraction(value.text)
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def _string(_: Side, words: Words) -> Iterator[Meaning]:
    plain = words.plain
    yield from _sizes(words, "string", "Length")
    if "pattern" in plain:
        yield "pattern", Matches(str(plain["pattern"]))
    if plain.get("format") in _CONSTRAINED_FORMATS:
        yield "format", Formatted(str(plain["format"]))


def _sizes(words: Words, kind: str, unit: str) -> Iterator[Meaning]:
    for key in (f"min{unit}", f"max{unit}"):
        if key in words.plain:
            count = int(exact(words.plain[key]))
            yield key, Size(kind, count) if key.startswith("min") else Size(kind, 0, count)


def _object(side: Side, words: Words) -> Iterator[Meaning]:
    yield from _sizes(words, "object", "Properties")
    for name in words.required:
        yield "required", Has(frozenset(), name)
    for name, needs in words.dependent.items():
        present = both(Has(frozenset(), need) for need in needs)
        yield "dependentRequired", either([Lacks(name), present])
    if "propertyNames" in words.one:
        yield "propertyNames", Names(claim_of(side, words.one["propertyNames"]))
    members = {
        name: claim_of(side, node) for name, node in words.named.get("properties", {}).items()
    }
    patterns = {
        name: claim_of(side, node)
        for name, node in words.named.get("patternProperties", {}).items()
    }
    rest = words.one.get("additionalProperties")
    if members or patterns or rest is not None:
        yield "properties", Every(side.name, tuple(members.items()), tuple(patterns.items()))
    if rest is not None and rest.value not in (True, {}):
        beside = tuple((pattern, None) for pattern in patterns)
        yield (
            "additionalProperties",
            Every(side.name, patterns=beside, rest=claim_of(side, rest), known=frozenset(members)),
        )


def _array(side: Side, words: Words) -> Iterator[Meaning]:
    yield from _sizes(words, "array", "Items")
    prefix = tuple(claim_of(side, node) for node in words.many.get("prefixItems", ()))
    rest = words.one.get("items")
    if prefix:
        yield "prefixItems", Each(prefix)
    if rest is not None and rest.value not in (True, {}):
        yield "items", Each((), claim_of(side, rest)) if not prefix else _after(prefix, side, rest)
    if "uniqueItems" in words.plain:
        yield "uniqueItems", Distinct()
    if "contains" in words.one:
        low = int(exact(words.plain.get("minContains", 1)))
        high = words.plain.get("maxContains")
        claim = claim_of(side, words.one["contains"])
        yield "contains", Contains(claim, low, None if high is None else int(exact(high)))


def _after(prefix: tuple[Claim, ...], side: Side, rest: Node) -> Formula:
    """Return what `items` asks of the items behind the prefix."""
    anything = Claim(side.name, holds=True, pointer="true", node=Node("", value=True))
    return Each((anything,) * len(prefix), claim_of(side, rest))


def _nothing(_: Side, __: Words) -> Iterator[Meaning]:
    yield from ()


_BY_KIND: dict[str, Callable[[Side, Words], Iterator[Meaning]]] = {
    "number": _number,
    "string": _string,
    "object": _object,
    "array": _array,
}
