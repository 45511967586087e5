"""Ids of systems that stand for the same thing, kept and looked up; runs do both in their steps."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from orchestration.outcome import Failure, Outcome
from registry.db.engine import transaction
from registry.db.models import CrossReference
from registry.db.orm import new_id

MAX_ID = 200


class Links:
    """The cross references of all runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def link(self, entity: str, ids: Mapping[str, str], run: str, now: datetime) -> Outcome:
        """Keep that these ids, by contract, are one thing; its canonical id is the result.

        A conflict where they are known as two things already: only a person can join these.
        """
        try:
            with transaction(self._engine, writes=True) as session:
                return _linked(session, entity, ids, run, now)
        except IntegrityError:
            # Another run has told the same at the same time.
            with transaction(self._engine, writes=True) as session:
                return _linked(session, entity, ids, run, now)

    def linked(self, entity: str, system: str, ids: Sequence[str], to: str) -> dict[str, str]:
        """Return what another system calls these things, as far as that is known; the first told counts."""
        here, there = aliased(CrossReference), aliased(CrossReference)
        wanted = (
            select(here.external_id, there.external_id)
            .join(there, (there.entity == here.entity) & (there.canonical == here.canonical))
            .where(here.entity == entity, here.system == system, there.system == to)
            .order_by(there.at, there.external_id)
        )
        found: dict[str, str] = {}
        with transaction(self._engine, writes=False) as session:
            for start in range(0, len(ids), _PORTION):
                portion = here.external_id.in_(ids[start : start + _PORTION])
                for name, other in session.execute(wanted.where(portion)):
                    found.setdefault(name, other)
        return found


_PORTION = 500


def _linked(
    session: Session, entity: str, ids: Mapping[str, str], run: str, now: datetime
) -> Outcome:
    known = {
        system: session.get(CrossReference, (entity, system, external))
        for system, external in ids.items()
    }
    canonical = {row.canonical for row in known.values() if row is not None}
    if len(canonical) > 1:
        names = ", ".join(sorted(known))
        return Outcome(
            failure=Failure("conflict", f"these ids of {names} are two different {entity}s so far")
        )
    name = canonical.pop() if canonical else new_id()
    session.add_all(
        CrossReference(
            entity=entity, system=system, external_id=external, canonical=name, run=run, at=now
        )
        for system, external in ids.items()
        if known[system] is None
    )
    session.flush()
    return Outcome({"id": name})
