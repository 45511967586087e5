"""The PSA's records: in memory, and in a file where the sandbox is given a folder."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from contracts.document import Json
from orchestration.sandbox import seed

Records = dict[str, dict[str, Json]]


class State:
    """Three tables. A change is on disk before it is answered."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.projects: Records = seed.projects()
        self.resources: Records = seed.resources()
        self.time_entries: Records = seed.time_entries()
        if file is not None and file.exists():
            kept = json.loads(file.read_text(encoding="utf-8"))
            self.projects, self.time_entries = kept["projects"], kept["time_entries"]

    def add_project(self, facts: dict[str, Json]) -> dict[str, Json]:
        """Add a project under the next free id."""
        number = len(self.projects) + 1
        fee, cost = Decimal(str(facts["budget_fee"])), Decimal(str(facts["budget_cost"]))
        margin = (fee - cost) * 100 / fee if fee > 0 else Decimal(0)
        margin = max(Decimal("-999.9"), min(Decimal("999.9"), margin))
        project: dict[str, Json] = {
            "project_id": f"PRJ-{number:04}",
            "status": "planned",
            **facts,
            "margin_percent": f"{margin:.1f}",
            "project_manager": {"name": "Delivery Lead 1", "email": "delivery.lead.1@example.com"},
        }
        self.projects[f"PRJ-{number:04}"] = project
        self._keep()
        return project

    def change_project(self, project_id: str, changes: dict[str, Json]) -> dict[str, Json]:
        """Change a project."""
        self.projects[project_id] |= changes
        self._keep()
        return self.projects[project_id]

    def add_time(self, project_id: str, facts: dict[str, Json]) -> dict[str, Json]:
        """Book time at the resource's cost rate."""
        entry_id = f"TIM-{len(self.time_entries) + 1:05}"
        rate = Decimal(str(self.resources[str(facts["resource_id"])]["cost_rate"]))
        cost = (rate * Decimal(str(facts["hours"]))).quantize(Decimal("0.01"))
        entry: dict[str, Json] = {
            "entry_id": entry_id,
            "project_id": project_id,
            **facts,
            "status": "draft",
            "cost_amount": str(cost),
        }
        self.time_entries[entry_id] = entry
        self._keep()
        return entry

    @property
    def full(self) -> bool:
        """Whether the ids of the contract are used up; a sandbox must stay bounded."""
        return len(self.projects) >= 9_000 or len(self.time_entries) >= 90_000  # noqa: PLR2004  # four and five digits

    def _keep(self) -> None:
        if self._file is None:
            return
        facts: dict[str, Any] = {"projects": self.projects, "time_entries": self.time_entries}
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(facts), encoding="utf-8")
        draft.replace(self._file)
