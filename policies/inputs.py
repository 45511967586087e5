"""What the compiler takes: the governed world of one environment, as plain data."""

from dataclasses import dataclass

from contracts.model import Contract
from policies.document import Policy
from policies.routing import Routing
from policies.snapshot import ApiKeyPlan, ApplicationPlan, GrantPlan, IssuerPlan, UsagePlan


@dataclass(frozen=True, slots=True)
class Deployed:
    """One version of a contract, reachable under a base path."""

    contract_id: str
    version: str
    contract: Contract
    state: str  # published | deprecated | sunset
    base_path: str
    upstream: str
    timeout_seconds: float = 30.0
    deprecated_at: int | None = None  # epoch seconds
    sunset_at: int | None = None
    successor: str | None = None  # base path
    routing: Routing | None = None
    place: str = ""  # where it is declared: file and line, or the registry's id


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a snapshot is compiled from. The order of the entries does not matter."""

    environment: str
    deployments: tuple[Deployed, ...] = ()
    policies: tuple[Policy, ...] = ()
    applications: tuple[ApplicationPlan, ...] = ()
    api_keys: tuple[ApiKeyPlan, ...] = ()
    plans: tuple[UsagePlan, ...] = ()
    grants: tuple[GrantPlan, ...] = ()
    issuers: tuple[IssuerPlan, ...] = ()
