"""A snapshot made ready to serve: enforcers built once per operation, routes, lookups.

Built whole before it is swapped in; a snapshot that cannot be built is refused as a whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from contracts import catalog
from contracts.errors import TreatyError
from gateway.addresses import Member
from gateway.forks import Forks, forked_bases
from gateway.health import Check, checks_of
from gateway.leading import Lead, address
from gateway.ports import RuntimePorts, Shared
from gateway.routes import Found, Routes
from policies.conditions import building as conditions
from policies.decision import Decision, Word
from policies.exchange import Exchange, Ports
from policies.kind import Enforcer, RequestOnly, ResponseOnly
from policies.kinds import KINDS
from policies.kinds.compression import Compression
from policies.kinds.size_limit import SizeLimit
from policies.kinds.upstream import Upstream, UpstreamSpec
from policies.snapshot import ContractPlan, OperationPlan, Rule, Snapshot, Source
from policies.validation.validators import Validators

if TYPE_CHECKING:
    from gateway.wire.request import Request

_DEFAULT_BUFFER_BYTES = 16_777_216
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "x-api-key", "cookie", "dpop"})


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with its enforcer's words, ready to be asked."""

    kind: str
    enforced: bool
    source: Source
    enforcer: Enforcer
    when: Callable[[Exchange], bool] | None
    reads_request: bool
    reads_response: bool
    changes_request: bool
    changes_response: bool
    on_request: Callable[[Exchange, Ports], Word]
    on_response: Callable[[Exchange, Ports], Word]
    plain: bool  # always speaks, always counts
    said: dict[tuple[str, str], Decision] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One operation with everything that serving it takes."""

    contract: ContractPlan
    operation: OperationPlan
    head_rules: tuple[BoundRule, ...]  # judge the request before its body has come
    body_rules: tuple[BoundRule, ...]  # from the first one on that reads the request's body
    response_rules: tuple[BoundRule, ...]
    bounds: Bounds
    credentials: frozenset[str]  # request headers that stop here, lower case
    reads_request: bool
    reads_response: bool
    changes_request: bool  # the upstream may get another body than the client sent
    changes_response: bool  # a rule may change or withhold the response
    owns_cors: bool  # a rule says which pages may call; the upstream's word does not count
    base: str  # the path of the upstream's URL, without a trailing slash
    authority: str  # what the upstream is called in Host
    treatment: UpstreamSpec
    compression: Compression | None = None
    lead: Lead | None = None  # where there is more than one upstream
    member: Member | None = None  # the address, where it is one of several


@dataclass(frozen=True, slots=True)
class Runtime:
    """What one call works with from start to end."""

    snapshot: Snapshot
    routes: Routes[Target]
    ports: RuntimePorts
    checks: tuple[Check, ...] = ()  # of the health of upstreams
    forks: Forks | None = None  # where more than the path decides; None costs nothing per call

    def find(self, method: str, request: "Request") -> Found[Target]:
        """Return the operation of the request. Raises what `Routes.find` raises."""
        if self.forks is None:
            return self.routes.find(method, request.path)
        return self.forks.find(method, request, self.ports)


def build(snapshot: Snapshot, shared: Shared) -> Runtime:
    """Return the runtime. Raises `TreatyError` (snapshot-rejected) for what cannot be enforced."""
    try:
        forked = forked_bases(snapshot)
        routes = Routes(
            entry
            for plan in snapshot.contracts
            if plan.base_path not in forked
            for entry in _entries(plan, shared)
        )
        ports = RuntimePorts(snapshot, shared)
        if not forked:
            return Runtime(snapshot, routes, ports, checks_of(snapshot))
        branches = [
            (plan, Routes(_entries(plan, shared)))
            for plan in snapshot.contracts
            if plan.base_path in forked
        ]
        forks = Forks(snapshot, routes, branches)
        return Runtime(snapshot, routes, ports, checks_of(snapshot), forks)
    except Exception as error:
        # Whatever a rule's settings or a key break on: enforcing a part would be failing open.
        reason = f"The snapshot cannot be enforced ({type(error).__name__})."
        raise TreatyError(catalog.SNAPSHOT_REJECTED, reason) from error


def _entries(plan: ContractPlan, shared: Shared) -> Iterator[tuple[str, str, str, Target]]:
    known = Validators(plan.schemas)
    for operation in plan.operations:
        target = _target(plan, operation, known, shared)
        yield plan.base_path, operation.method, operation.path, target


def _target(
    plan: ContractPlan, operation: OperationPlan, known: Validators, shared: Shared
) -> Target:
    rules = tuple(_bound(rule, known, shared.now) for rule in operation.rules)
    headers = {
        str(rule.settings["key_header"]).lower()
        for rule in operation.rules
        if "key_header" in rule.settings
    }
    asked = tuple(rule for rule in rules if not isinstance(rule.enforcer, ResponseOnly))
    split = next((at for at, rule in enumerate(asked) if rule.reads_request), len(asked))
    answering = tuple(rule for rule in rules if not isinstance(rule.enforcer, RequestOnly))
    base, authority = address(plan)
    target = Target(
        contract=plan,
        operation=operation,
        head_rules=asked[:split],
        body_rules=asked[split:],
        response_rules=answering,
        bounds=_bounds(rules),
        credentials=_CREDENTIALS | headers,
        reads_request=split < len(asked),
        reads_response=any(rule.reads_response for rule in answering),
        changes_request=any(rule.changes_request and rule.enforced for rule in asked),
        changes_response=any(rule.changes_response and rule.enforced for rule in answering),
        owns_cors=any(rule.kind == "cors" and rule.enforced for rule in rules),
        treatment=_treatment(rules),
        compression=_compression(rules),
        base=base,
        authority=authority,
    )
    routing = plan.routing
    if routing is None or not (routing.canary or routing.addresses):
        return target
    return replace(target, lead=Lead(target, routing, shared.addresses))


def _bound(rule: Rule, known: Validators, now: Callable[[], float]) -> BoundRule:
    kind = KINDS[rule.kind]
    make = kind.build_with
    enforcer = kind.build(rule.settings) if make is None else make(rule.settings, known)
    return BoundRule(
        kind=rule.kind,
        enforced=rule.mode == "enforce",
        source=rule.source,
        enforcer=enforcer,
        when=_condition(rule, now),
        reads_request=kind.needs_request_body and rule.settings.get("reads_request") is not False,
        reads_response=kind.needs_response_body
        and rule.settings.get("reads_response") is not False,
        changes_request=kind.changes_request
        and rule.settings.get("reads_request") is not False
        and rule.settings.get("changes_request") is not False,
        changes_response=kind.changes_response and rule.settings.get("reads_response") is not False,
        on_request=enforcer.on_request,
        on_response=enforcer.on_response,
        plain=rule.mode == "enforce" and rule.when is None,
    )


def _condition(rule: Rule, now: Callable[[], float]) -> Callable[[Exchange], bool] | None:
    if rule.when is None:
        return None
    guard = conditions.build(rule.when, now)
    if rule.mode == "enforce":
        return guard  # a condition that cannot be judged refuses the call

    def observed(exchange: Exchange) -> bool:
        try:
            return guard(exchange)
        except ValueError:
            return False  # what only observes must not refuse

    return observed


def _treatment(rules: tuple[BoundRule, ...]) -> UpstreamSpec:
    found = [rule.enforcer for rule in rules if rule.enforced]
    return next((e.settings for e in found if isinstance(e, Upstream)), UpstreamSpec())


def _compression(rules: tuple[BoundRule, ...]) -> Compression | None:
    found = [rule.enforcer for rule in rules if rule.enforced]
    return next((e for e in found if isinstance(e, Compression)), None)


def _bounds(rules: tuple[BoundRule, ...]) -> Bounds:
    for rule in rules:
        if rule.enforced and isinstance(rule.enforcer, SizeLimit):
            limit = rule.enforcer
            return Bounds(limit.request_bytes, limit.response_bytes, rule.source)
    return Bounds()
