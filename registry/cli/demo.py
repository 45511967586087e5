"""The demo firm: what `treaty up` creates through the public API, as a list of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts import catalog, library
from contracts.errors import TreatyError
from policies import packs
from registry.cli.client import Client

ENVIRONMENT = "demo"
CONTRACT = "psa.projects"
OLD, NEW = "1.4.0", "2.0.0"
# An opportunity of the sandbox's CRM whose contract is billed by milestones.
DEAL = "006000000000005AAA"
_SUNSET_DAYS = 180
# A day, so that lines pasted in the afternoon still work.
_LIFETIME_SECONDS = 86_400

# The same thing made twice is made; these answers say so.
_THERE_ALREADY = {catalog.ALREADY_EXISTS.slug, catalog.VERSION_EXISTS.slug}


@dataclass(frozen=True, slots=True)
class Step:
    """One request; a thing that is there already counts as done."""

    path: str
    body: dict[str, Any]
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class DemoApplication:
    """A consumer of the demo and what it may do."""

    id: str
    name: str
    team: str
    plan: str
    scopes: tuple[str, ...]


APPLICATIONS = (
    DemoApplication("client-portal", "Client portal", "clients", "standard", ("projects.read",)),
    DemoApplication(
        "finance-desk",
        "Finance desk",
        "finance",
        "internal",
        ("projects.read", "projects.personal", "projects.costs"),
    ),
    DemoApplication("status-page", "Status page", "clients", "standard", ("projects.write",)),
)


_ENVIRONMENT = Step("/v1/environments", {"name": ENVIRONMENT, "title": "Demo", "production": False})


def environment(registry: Client) -> None:
    """Create the environment alone, for a registry without the demo firm."""
    _do(registry, _ENVIRONMENT)


def steps(now: datetime) -> tuple[Step, ...]:
    """Return the steps, in an order in which each finds what it needs."""
    return (
        *_teams(),
        _ENVIRONMENT,
        Step(
            "/v1/services",
            {
                "name": "psa",
                "title": "Professional services automation",
                "kind": "psa",
                "domain": "delivery",
                "owner": "delivery",
                "criticality": "high",
                "system_of_record": ["project", "time-entry", "resource"],
                "tags": ["demo"],
            },
        ),
        Step(
            "/v1/contracts",
            {"service": "psa", "name": "projects", "title": "PSA projects", "format": "openapi"},
        ),
        _publish(OLD),
        _publish(NEW),
        Step(
            f"/v1/contracts/{CONTRACT}/versions/{OLD}/state",
            {
                "state": "deprecated",
                "deprecated_at": _moment(now),
                "sunset_at": _moment(now + timedelta(days=_SUNSET_DAYS)),
                "successor": NEW,
            },
        ),
        *_plans(),
        *_applications(),
        *_grants(),
        Step("/v1/policies/demo", {"document": packs.text("demo.yaml").decode()}, "PUT"),
    )


def _teams() -> Sequence[Step]:
    titles = {"delivery": "Delivery systems", "finance": "Finance", "clients": "Client services"}
    return [Step("/v1/teams", {"name": n, "title": title}) for n, title in titles.items()]


def _publish(version: str) -> Step:
    name = f"{CONTRACT}-{version}.yaml"
    return Step(
        f"/v1/contracts/{CONTRACT}/versions",
        {"content": library.text(f"systems/{name}").decode(), "source": name},
    )


def _plans() -> Sequence[Step]:
    standard = {"name": "calls", "quota": 10, "window_seconds": 10, "burst": 10, "per": "operation"}
    internal = {"name": "calls", "quota": 600, "window_seconds": 60, "per": "contract"}
    return (
        Step("/v1/plans", _plan("standard", "Standard: ten calls in ten seconds", standard)),
        Step("/v1/plans", _plan("internal", "Internal: 600 calls a minute", internal)),
    )


def _plan(name: str, title: str, limit: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "title": title, "approval": "automatic", "limits": [limit]}


def _applications() -> Sequence[Step]:
    return [
        Step(
            "/v1/applications",
            {
                "id": application.id,
                "name": application.name,
                "team": application.team,
                "token_lifetime_seconds": _LIFETIME_SECONDS,
            },
        )
        for application in APPLICATIONS
    ]


def _grants() -> Sequence[Step]:
    return [
        Step(
            "/v1/grants",
            {
                "application": application.id,
                "contract": CONTRACT,
                "plan": application.plan,
                "environment": ENVIRONMENT,
                "scopes": list(application.scopes),
            },
        )
        for application in APPLICATIONS
    ]


def seed(registry: Client) -> None:
    """Create the demo firm; what is there already stays as it is. Raises `TreatyError`."""
    for step in steps(datetime.now(UTC)):
        _do(registry, step)


def secret(registry: Client, application: str) -> str:
    """Return a new client secret of an application."""
    path = f"/v1/applications/{application}/credentials"
    return str(registry.post(path, {"kind": "client-secret"}).json()["secret"])


def deploy(registry: Client, sandbox: str) -> None:
    """Put both versions behind the gateway, or move them when the sandbox has a new address."""
    path = f"/v1/environments/{ENVIRONMENT}/deployments"
    deployed = {
        item["version"]: item for item in registry.items(path, 1000) if item["contract"] == CONTRACT
    }
    for version in (OLD, NEW):
        upstream = f"{sandbox}/v{version[0]}"
        known = deployed.get(version)
        if known and known["upstream"] == upstream:
            continue
        if known:
            registry.delete(f"{path}/{known['id']}")
        registry.post(path, {"contract": CONTRACT, "version": version, "upstream": upstream})


def _do(registry: Client, step: Step) -> None:
    try:
        registry.send(step.method, step.path, json=step.body)
    except TreatyError as error:
        if error.problem.type.slug not in _THERE_ALREADY | _also(step):
            raise


def _also(step: Step) -> set[str]:
    # A policy file that somebody edited since is theirs: replacing it would need If-Match.
    return {catalog.PRECONDITION_REQUIRED.slug} if step.method == "PUT" else set()


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
