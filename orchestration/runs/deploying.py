"""Flows into the tables: content-addressed, one version live per flow."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import catalog
from contracts.errors import TreatyError
from orchestration.definition import Flow
from orchestration.mapping import MappingDocument
from orchestration.matching import Matching
from orchestration.ownership import Ownership
from orchestration.runs.program import content, digest
from registry.db.models import FlowDefinition


def deploy(
    session: Session,
    flow: Flow,
    mappings: Mapping[str, MappingDocument],
    now: datetime,
    ownership: Sequence[Ownership] = (),
    matching: Sequence[Matching] = (),
) -> bool:
    """Make the flow live for new runs; False where it is already. Running ones keep their own.

    Raises `TreatyError` (version-exists) where the version is known with other content.
    """
    plain = content(flow, mappings, ownership, matching)
    key = digest(plain)
    rows = session.scalars(select(FlowDefinition).where(FlowDefinition.flow == flow.flow)).all()
    known = next((row for row in rows if row.digest == key), None)
    if known is not None and known.live:
        return False
    if known is None and any(row.version == flow.version for row in rows):
        said = f"The flow {flow.flow} {flow.version} is deployed with other content; raise its version."
        raise TreatyError(catalog.VERSION_EXISTS, said)
    for row in rows:
        row.live = False
    if known is not None:
        known.live, known.deployed_at = True, now
    else:
        session.add(
            FlowDefinition(
                digest=key, flow=flow.flow, version=flow.version, content=plain,
                deployed_at=now, live=True,
            )
        )  # fmt: skip
    session.flush()
    return True
