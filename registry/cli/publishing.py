"""What must exist before a version can be published: team, service, contract; made when missing."""

from contracts.model import Contract
from registry.cli.client import Client, segment
from registry.cli.project import Project


def ensure(registry: Client, described: Project, contract: Contract) -> tuple[str, ...]:
    """Create what is missing for a contract; return it as sentences' ends, `service psa`."""
    made: list[str] = []
    path = f"/v1/contracts/{segment(described.contract)}"
    if registry.find(path) is not None:
        return ()
    if registry.find(f"/v1/services/{segment(described.service)}") is None:
        if registry.find(f"/v1/teams/{segment(described.owner)}") is None:
            registry.post("/v1/teams", {"name": described.owner, "title": described.owner})
            made.append(f"team {described.owner}")
        registry.post(
            "/v1/services",
            {"name": described.service, "title": described.service, "owner": described.owner},
        )
        made.append(f"service {described.service}")
    registry.post(
        "/v1/contracts",
        {
            "service": described.service,
            "name": described.contract.partition(".")[2],
            "title": contract.title or described.contract,
            "format": contract.format.value,
            "compatibility": described.compatibility,
        },
    )
    return (*made, f"contract {described.contract}")
