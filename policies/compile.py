"""Contracts, policies and grants of one environment to a `Snapshot`; a pure function.

Nothing is open by omission: the shipped baseline pack stands behind every kind that no policy of
the firm selects. Nothing is silent: what contradicts is an error, what selects nothing a warning.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from contracts import catalog
from contracts.errors import TreatyError
from contracts.model import Contract, Operation
from contracts.problem import Detail
from policies import packs
from policies.conditions.binding import bind
from policies.conditions.reading import Condition
from policies.conditions.standing import Standing, otherwise, standing
from policies.conflicts import (
    alike,
    require_distinct_names,
    require_distinct_routes,
    require_known_overrides,
    require_reachable_pins,
)
from policies.document import Policy
from policies.inputs import Deployed, Inputs
from policies.issuers import checked, require_known
from policies.kind import Compiled, Kind, Stage, Target
from policies.kinds import KINDS
from policies.load import load
from policies.scopes import require_declared_by_one
from policies.select import idle_globs, selects
from policies.snapshot import ContractPlan, GrantPlan, OperationPlan, Rule, Snapshot, Source
from policies.validation.table import SchemaTable


@dataclass(frozen=True, slots=True)
class Compilation:
    """A sealed snapshot, and sentences about policies that had nothing to do."""

    snapshot: Snapshot
    warnings: tuple[str, ...]


def compile(inputs: Inputs) -> Snapshot:  # noqa: A001  # the word of the design; nobody here compiles Python
    """Return the sealed snapshot. Raises what `compile_with_warnings` raises."""
    return compile_with_warnings(inputs).snapshot


def compile_with_warnings(inputs: Inputs) -> Compilation:
    """Return the snapshot and the warnings.

    Raises `TreatyError`: policy-conflict or route-conflict naming both places, unknown-scope,
    invalid-policy, invalid-issuer, or invalid-contract for a classification that cannot be
    enforced.
    """
    _require_plans(inputs)
    require_distinct_routes(inputs)
    require_reachable_pins(inputs)
    compiler = _Compiler(inputs)
    deployments = sorted(inputs.deployments, key=_deployed_as)
    contracts = tuple(compiler.contract(deployed) for deployed in deployments)
    compiler.require_scopes()
    issuers = checked(inputs.issuers)
    require_known(contracts, issuers.plans)
    snapshot = Snapshot(
        environment=inputs.environment,
        issuers=issuers.plans,
        applications=tuple(sorted(inputs.applications, key=lambda application: application.id)),
        api_keys=tuple(sorted(inputs.api_keys, key=lambda key: key.digest)),
        plans=tuple(sorted(inputs.plans, key=lambda plan: plan.name)),
        grants=tuple(sorted(map(_ordered, inputs.grants), key=lambda g: g.model_dump_json())),
        contracts=contracts,
    )
    return Compilation(snapshot.sealed(), (*compiler.warnings(), *issuers.warnings))


def _require_plans(inputs: Inputs) -> None:
    known = {plan.name for plan in inputs.plans}
    for grant in inputs.grants:
        if grant.plan not in known:
            raise TreatyError(
                catalog.CONFLICT,
                f"The grant of {grant.application} for {grant.contract} names the plan "
                f"{grant.plan!r}, which does not exist.",
            )


class _Compiler:
    def __init__(self, inputs: Inputs) -> None:
        self._environment = inputs.environment
        self._plans = {plan.name for plan in inputs.plans}
        self._own = tuple(sorted(inputs.policies, key=_written))
        self._builtin = load(packs.text("baseline.yaml"), source="baseline.yaml", builtin=True)
        require_distinct_names(self._own)
        require_known_overrides(self._own, self._builtin)
        self._own_of = _by_kind(self._own)
        self._builtin_of = _by_kind(self._builtin)
        self._deployments = inputs.deployments
        self._grants = inputs.grants
        self._alike: list[str] = []
        self._used: dict[str, dict[str, Contract]] = {}

    def warnings(self) -> tuple[str, ...]:
        idle = [
            f"{policy.place.file}:{policy.place.line}: the policy {policy.name!r} selects nothing "
            f"that is deployed in {self._environment}"
            for policy in self._own
            if policy.name not in self._used
        ]
        globs = [
            f"{policy.place.file}:{policy.place.line}: in the policy {policy.name!r} "
            f"`{glob}` matches nothing that is deployed in {self._environment}"
            for policy in self._own
            if policy.name in self._used
            for glob in idle_globs(policy.select, self._deployments)
        ]
        return (*idle, *globs, *self._alike, *_twice(self._grants))

    def require_scopes(self) -> None:
        """Raise `TreatyError` (unknown-scope) where no selected contract declares a scope."""
        for policy in self._own:
            contracts = self._used.get(policy.name)
            if contracts is None:
                continue
            try:
                scopes = KINDS[policy.kind].scopes(policy.spec)
                require_declared_by_one(contracts.values(), scopes)
            except TreatyError as error:
                raise _named_in(policy, error) from None

    def contract(self, deployed: Deployed) -> ContractPlan:
        plan = ContractPlan(
            contract=deployed.contract_id,
            version=deployed.version,
            state=deployed.state,
            base_path=deployed.base_path.rstrip("/"),
            upstream=deployed.upstream.rstrip("/"),
            timeout_seconds=deployed.timeout_seconds,
            deprecated_at=deployed.deprecated_at,
            sunset_at=deployed.sunset_at,
            successor=deployed.successor,
            routing=deployed.routing,
            operations=(),
        )
        schemas = SchemaTable(deployed.contract)
        operations = tuple(
            self._operation(Target(deployed.contract, plan, operation, schemas, self._environment))
            for operation in sorted(deployed.contract.operations, key=_route)
        )
        self._alike += alike(deployed, operations)
        written = schemas.written()
        return plan.model_copy(update={"operations": operations, "schemas": written})

    def _operation(self, target: Target) -> OperationPlan:
        rules = [
            (stage, rule.source.policy, rule)
            for kind in KINDS.values()
            for stage, rule in self._rules(kind, target)
        ]
        rules.sort(key=lambda entry: entry[:2])
        operation = target.operation
        return OperationPlan(
            name=operation.name,
            method=operation.method,
            path=operation.path,
            rules=tuple(rule for _, _, rule in rules),
        )

    def _chosen(self, kind: Kind, target: Target) -> tuple[Standing, ...]:
        own = [p for p in self._own_of.get(kind.name, ()) if self._selects(p, target)]
        for policy in own:
            used = self._used.setdefault(policy.name, {})
            used[f"{target.plan.contract} {target.plan.version}"] = target.contract

        def builtin() -> list[Policy]:
            return [p for p in self._builtin_of.get(kind.name, ()) if self._selects(p, target)]

        return standing(kind, own, builtin, target.operation)

    def _rules(self, kind: Kind, target: Target) -> list[tuple[Stage, Rule]]:
        made: list[tuple[Stage, Rule]] = []
        conditions: dict[str, Condition] = {}
        for policy, behind in self._chosen(kind, target):
            pieces = _pieces(kind, policy, target)
            if not pieces:
                continue
            when = self._when(kind, policy, target)
            if when is not None:
                conditions[policy.name] = when
            else:
                # A policy that has nothing to do here leaves all to the one behind it.
                others = [conditions[p.name] for p in behind if p.name in conditions]
                when = otherwise(others)
            made += [
                (stage, rule.model_copy(update={"when": when}) if when else rule)
                for stage, rule in pieces
            ]
        return made

    def _when(self, kind: Kind, policy: Policy, target: Target) -> Condition | None:
        if policy.when is None:
            return None
        try:
            return bind(policy.when, target, kind.stage, self._environment, self._plans)
        except TreatyError as error:
            raise _named_in(policy, error) from None

    def _selects(self, policy: Policy, target: Target) -> bool:
        return selects(policy.select, target, self._environment)


def _by_kind(policies: Sequence[Policy]) -> dict[str, list[Policy]]:
    """Return the policies of each kind, in their order; every operation asks for every kind."""
    found: dict[str, list[Policy]] = {}
    for policy in policies:
        found.setdefault(policy.kind, []).append(policy)
    return found


def _deployed_as(deployed: Deployed) -> tuple[str, ...]:
    routing = "" if deployed.routing is None else deployed.routing.model_dump_json()
    return deployed.base_path, deployed.contract_id, deployed.version, routing


def _written(policy: Policy) -> tuple[str, str, int]:
    return policy.name, policy.place.file, policy.place.line


def _ordered(grant: GrantPlan) -> GrantPlan:
    return grant.model_copy(update={"scopes": tuple(sorted(set(grant.scopes)))})


def _twice(grants: tuple[GrantPlan, ...]) -> list[str]:
    """Return warnings for applications that hold two grants for one contract."""
    counted = Counter((grant.application, grant.contract) for grant in grants)
    return [
        f"the application {application} has {count} grants for {contract}; one is used"
        for (application, contract), count in sorted(counted.items())
        if count > 1
    ]


def _route(operation: Operation) -> tuple[str, str]:
    return operation.path, operation.method


def _named_in(policy: Policy, error: TreatyError) -> TreatyError:
    problem, place = error.problem, policy.place
    detail = Detail(f"in the policy {policy.name!r}", "", place.file, place.line, place.column)
    return TreatyError(
        problem.type,
        f"{place.file}:{place.line}: the policy {policy.name!r}: {problem.detail}",
        errors=(detail, *problem.errors),
    )


def _pieces(kind: Kind, policy: Policy, target: Target) -> list[tuple[Stage, Rule]]:
    try:
        compiled = kind.compile(policy.spec, target)
    except TreatyError as error:
        raise _named_in(policy, error) from None
    found = []
    while compiled is not None:
        found.append((compiled.stage or kind.stage, _rule(kind, policy, compiled)))
        compiled = compiled.then
    return found


def _rule(kind: Kind, policy: Policy, compiled: Compiled) -> Rule:
    place = policy.place
    return Rule(
        kind=kind.name,
        mode="observe" if policy.mode == "observe" else "enforce",
        settings=dict(compiled.settings),
        source=Source(
            policy=policy.name, file=place.file, line=place.line, pointer=compiled.pointer
        ),
    )
