"""What the rules of an operation demand, each with the policy file and line behind it."""

from collections.abc import Mapping
from typing import Any

from contracts import catalog
from contracts.errors import TreatyError
from contracts.ids import Version
from policies.canary import Share, caller
from policies.exchange import Identity
from policies.kinds import KINDS
from policies.rehearsal import DryPorts, rehearse
from policies.snapshot import ContractPlan, GrantPlan, OperationPlan, Snapshot


def explain(
    snapshot: Snapshot,
    contract: str,
    operation: str,
    application: str = "",
    *,
    scopes: frozenset[str] | None = None,
    now: float | None = None,
    claims: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """Return the decision path of an application on an operation, as plain data.

    `contract` may carry a version (`psa.projects@2.0.0`); the one that the application's
    grant pins is the default, else the newest deployed one.
    `scopes` are those of a token, all of the grant's when None; `now` (epoch seconds) tells
    whether the grant has expired. `claims` and `headers` (lower case) are what conditions see.
    Raises `TreatyError` (not-found).
    """
    plan = _contract(snapshot, contract, application)
    found = next(
        (o for o in plan.operations if operation in (o.name, f"{o.method} {o.path}")), None
    )
    if found is None:
        names = ", ".join(o.name for o in plan.operations[:10])
        raise TreatyError(
            catalog.NOT_FOUND,
            f"{plan.contract} {plan.version} has no operation {operation!r}: {names}",
        )
    grant = next(
        (g for g in snapshot.grants if (g.application, g.contract) == (application, plan.contract)),
        None,
    )
    usable = _usable(grant, scopes, now)
    held = frozenset(usable.scopes if usable else ())
    identity = Identity(application, held if scopes is None else scopes & held, claims or {})
    ports = DryPorts(snapshot, 0.0 if now is None else now, usable)
    words = rehearse(plan, found, ports, identity, headers or {})
    return {
        "application": application,
        "contract": plan.contract,
        "contract_version": plan.version,
        "operation": found.name,
        "route": f"{found.method} {plan.base_path}{found.path}",
        "routing": plan.routing.model_dump(mode="json") if plan.routing else None,
        "canary": _canary(plan, application, headers or {}),
        "grant": grant.model_dump(mode="json") if grant else None,
        "rules": [
            {**rule, **word} for rule, word in zip(_rules(found, usable), words, strict=True)
        ],
    }


def _canary(plan: ContractPlan, application: str, headers: Mapping[str, str]) -> str | None:
    """Return which upstream the caller is led to; None where there is one only."""
    canary = None if plan.routing is None else plan.routing.canary
    if canary is None:
        return None
    who = caller(canary, application or None, headers, "")
    if not application and who == "client ":
        return f"canary for {canary.weight:g} % of the callers"
    taken = Share(canary, f"{plan.contract} {plan.version}").takes(application, who)
    return f"{'canary' if taken else 'stable'} ({canary.weight:g} % by {canary.by})"


def _contract(snapshot: Snapshot, wanted: str, application: str) -> ContractPlan:
    name, _, version = wanted.partition("@")
    for grant in snapshot.grants:
        if not version and (grant.application, grant.contract) == (application, name):
            version = grant.version or ""
    deployed = [
        plan
        for plan in snapshot.contracts
        if plan.contract == name and version in ("", plan.version)
    ]
    if not deployed:
        raise TreatyError(
            catalog.NOT_FOUND, f"{wanted!r} is not deployed in {snapshot.environment}."
        )
    live = [plan for plan in deployed if plan.state == "published"]
    return max(live or deployed, key=lambda plan: Version.parse(plan.version) or Version(0))


def _usable(
    grant: GrantPlan | None, scopes: frozenset[str] | None, now: float | None
) -> GrantPlan | None:
    """Return the grant as this token may use it: not expired, and only its shared scopes."""
    if grant is None or (now is not None and (grant.expires_at or now + 1) <= now):
        return None
    held = grant.scopes if scopes is None else tuple(s for s in grant.scopes if s in scopes)
    return grant.model_copy(update={"scopes": held})


def _rules(operation: OperationPlan, grant: GrantPlan | None) -> list[Mapping[str, object]]:
    return [
        {
            "kind": rule.kind,
            "stage": KINDS[rule.kind].stage.name.lower(),
            "mode": rule.mode,
            "says": _says(rule.kind, rule.settings, grant),
            "source": rule.source.model_dump(mode="json"),
        }
        for rule in operation.rules
    ]


def _says(kind: str, settings: Mapping[str, object], grant: GrantPlan | None) -> str:
    if kind == "require-scope":
        alternatives = settings["alternatives"]
        wanted = (
            " or ".join(" and ".join(scopes) for scopes in alternatives)
            if isinstance(alternatives, list)
            else ""
        )
        return _scope_says(wanted, alternatives, grant)
    if kind == "rate-limit" and settings.get("from") == "plan":
        return f"limits of the plan {grant.plan!r}" if grant else "limits of the grant's plan"
    if kind == "mask":
        reveal = settings["reveal"]
        shown = [_sees(entry) for entry in reveal] if isinstance(reveal, list) else []
        return "classified values are masked" + (f", unless: {'; '.join(shown)}" if shown else "")
    return KINDS[kind].summary


def _sees(entry: Mapping[str, Any]) -> str:
    who = [*entry["scopes"], *(["claims that fit"] if "claims" in entry else [])]
    return " ".join(who or ["everybody here"]) + (f" ({entry['as']})" if "as" in entry else "")


def _scope_says(wanted: str, alternatives: object, grant: GrantPlan | None) -> str:
    if grant is None:
        return f"needs {wanted or 'a grant'}: refused, the application has no live grant here"
    held = set(grant.scopes)
    fits = isinstance(alternatives, list) and any(
        held.issuperset(scopes) for scopes in alternatives
    )
    return f"needs {wanted or 'a grant'}: " + ("granted" if fits else "refused, not granted")
