"""A snapshot made ready to serve: enforcers built once per operation, routes, lookups.

Built whole before it is swapped in; a snapshot that cannot be built is refused as a whole.
"""

from dataclasses import dataclass

from contracts import catalog
from contracts.errors import TreatyError
from gateway.ports import RuntimePorts, Shared
from gateway.routes import Routes
from policies.kind import Enforcer
from policies.kinds import KINDS
from policies.kinds.size_limit import SizeLimit
from policies.snapshot import ContractPlan, OperationPlan, Rule, Snapshot, Source

_DEFAULT_BUFFER_BYTES = 16_777_216
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie"})


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with its enforcer."""

    kind: str
    enforced: bool
    source: Source
    enforcer: Enforcer
    needs_body: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bytes may pass, and the rule that says so; None leaves streams unbounded."""

    request_bytes: int | None = None
    response_bytes: int | None = None
    source: Source | None = None

    @property
    def buffer_bytes(self) -> int:
        """Return what may be held in memory."""
        return _DEFAULT_BUFFER_BYTES if self.response_bytes is None else self.response_bytes


@dataclass(frozen=True, slots=True)
class Target:
    """One operation with everything that serving it takes."""

    contract: ContractPlan
    operation: OperationPlan
    rules: tuple[BoundRule, ...]
    bounds: Bounds
    credentials: frozenset[str]  # request headers that stop here, lower case

    @property
    def needs_body(self) -> bool:
        """Return whether any rule reads the response body."""
        return any(rule.needs_body for rule in self.rules)

    @property
    def changes_body(self) -> bool:
        """Return whether a rule may change or withhold the response body."""
        return any(rule.needs_body and rule.enforced for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What one call works with from start to end."""

    snapshot: Snapshot
    routes: Routes[Target]
    ports: RuntimePorts


def build(snapshot: Snapshot, shared: Shared) -> Runtime:
    """Return the runtime. Raises `TreatyError` (snapshot-rejected) for what cannot be enforced."""
    try:
        routes = Routes(
            (plan.base_path, operation.method, operation.path, _target(plan, operation))
            for plan in snapshot.contracts
            for operation in plan.operations
        )
        return Runtime(snapshot, routes, RuntimePorts(snapshot, shared))
    except Exception as error:
        # Whatever a rule's settings or a key break on: enforcing a part would be failing open.
        reason = f"The snapshot cannot be enforced ({type(error).__name__})."
        raise TreatyError(catalog.SNAPSHOT_REJECTED, reason) from error


def _target(plan: ContractPlan, operation: OperationPlan) -> Target:
    rules = tuple(_bound(rule) for rule in operation.rules)
    headers = {
        str(rule.settings["key_header"]).lower()
        for rule in operation.rules
        if "key_header" in rule.settings
    }
    return Target(plan, operation, rules, _bounds(rules), _CREDENTIALS | headers)


def _bound(rule: Rule) -> BoundRule:
    kind = KINDS[rule.kind]
    enforced = rule.mode == "enforce"
    return BoundRule(
        rule.kind, enforced, rule.source, kind.build(rule.settings), kind.needs_response_body
    )


def _bounds(rules: tuple[BoundRule, ...]) -> Bounds:
    for rule in rules:
        if rule.enforced and isinstance(rule.enforcer, SizeLimit):
            limit = rule.enforcer
            return Bounds(limit.request_bytes, limit.response_bytes, rule.source)
    return Bounds()
