"""What an enforcer says: nothing, or a denial; and what the ledger keeps of it."""

from dataclasses import dataclass

from contracts.problem import Problem
from policies.snapshot import Source


@dataclass(frozen=True, slots=True)
class Denial:
    """A refusal with the headers that its standard asks for (`WWW-Authenticate`, `Retry-After`)."""

    problem: Problem
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Instead:
    """A reply that a rule gives in place of the upstream's: a stored one, a preflight's."""

    status: int
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


# What a rule says of a request or a response; None lets it pass.
Word = Denial | Instead | None


@dataclass(frozen=True, slots=True)
class Decision:
    """One rule's word on one call. `enforced` is false where the policy only observes."""

    kind: str
    outcome: str  # allowed | denied | transformed
    reason: str  # a problem slug, or empty
    source: Source
    enforced: bool
