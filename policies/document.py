"""A policy as a person wrote it, with the line it stands on."""

from dataclasses import dataclass, field

from contracts.document import Place
from policies.kind import Spec


@dataclass(frozen=True, slots=True)
class Selector:
    """Which operations a policy is for: globs; an empty tuple selects all."""

    contracts: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One parsed and validated policy document."""

    name: str
    kind: str
    mode: str  # enforce | observe
    spec: Spec
    place: Place
    select: Selector = field(default_factory=Selector)
    description: str = ""
    # Shipped baseline policies stand back wherever another policy of their kind selects.
    builtin: bool = False
    # The name of a policy of the same kind that stands back where this one selects.
    overrides: str = ""
    # The plain form of its condition; None where it always speaks.
    when: dict[str, object] | None = None
