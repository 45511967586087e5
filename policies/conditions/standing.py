"""Which policies of a kind hold on an operation, and where: a conditional one never opens the rest.

Where an enforced policy of a kind has a `when`, the unconditional policy of that kind (or the
shipped baseline's) holds for every call that the condition does not match.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from contracts import catalog
from contracts.errors import TreatyError
from contracts.model import Operation
from contracts.problem import Detail
from policies.conditions.reading import Condition
from policies.conflicts import surviving
from policies.document import Policy
from policies.kind import Kind


class Standing(NamedTuple):
    """A policy, and the policies whose conditions must not match for it to speak."""

    policy: Policy
    behind: tuple[Policy, ...] = ()


def standing(
    kind: Kind, own: Sequence[Policy], builtin: Callable[[], Sequence[Policy]], operation: Operation
) -> tuple[Standing, ...]:
    """Return the policies that hold, each with those it stands behind.

    Raises `TreatyError`: policy-conflict where two of one kind remain, invalid-policy for a `when`
    where the kind has none, or where nothing stands behind it though absence would open a door.
    """
    overridden = {policy.overrides for policy in own}
    left = [policy for policy in own if policy.when is None or policy.name not in overridden]
    conditional = [policy for policy in left if policy.when is not None]
    if not conditional:
        return tuple(map(Standing, surviving(kind, own or builtin(), operation)))
    _require_allowed(kind, conditional, operation)
    others = [policy for policy in own if policy.when is None]
    rest = surviving(kind, [*others, *conditional], operation) if kind.repeatable else ()
    rest = tuple(p for p in rest if p.when is None) or _only(kind, others, overridden, operation)
    enforced = tuple(policy for policy in conditional if policy.mode == "enforce")
    if rest and kind.repeatable:
        return (*map(Standing, conditional), *map(Standing, rest))
    rest = rest or tuple(builtin())
    if kind.when == "guarded" and enforced and not rest:
        policy = enforced[0]
        raise _refused(
            policy,
            f"has a `when`, and no other {kind.name} policy holds on {operation.key} for the "
            "calls that it does not match; they would be let through",
        )
    return (*map(Standing, conditional), *(Standing(policy, enforced) for policy in rest))


def _only(
    kind: Kind, others: Sequence[Policy], overridden: set[str], operation: Operation
) -> tuple[Policy, ...]:
    left = [policy for policy in others if policy.name not in overridden]
    return surviving(kind, left, operation) if left else ()


def _require_allowed(kind: Kind, conditional: Sequence[Policy], operation: Operation) -> None:
    if kind.when == "never":
        raise _refused(conditional[0], f"has a `when`, which {kind.name} cannot have")
    if len(conditional) > 1 and not kind.repeatable:
        one, other = conditional[:2]
        raise TreatyError(
            catalog.POLICY_CONFLICT,
            f"The policies {one.name!r} ({_at(one)}) and {other.name!r} ({_at(other)}) both have a "
            f"`when` for {kind.name} on {operation.key}; which one holds where both match cannot "
            "be told. Write one with `any`.",
            errors=tuple(map(_detail, (one, other))),
        )


def otherwise(conditions: Sequence[Condition]) -> Condition | None:
    """Return the condition of what stands behind: none of these matches."""
    if not conditions:
        return None
    return {"not": {"any": list(conditions)}}


def _refused(policy: Policy, sentence: str) -> TreatyError:
    return TreatyError(
        catalog.INVALID_POLICY,
        f"{_at(policy)}: the policy {policy.name!r} {sentence}.",
        errors=(_detail(policy),),
    )


def _at(policy: Policy) -> str:
    return f"{policy.place.file}:{policy.place.line}"


def _detail(policy: Policy) -> Detail:
    place = policy.place
    return Detail(f"the policy {policy.name!r}", "", place.file, place.line, place.column)
