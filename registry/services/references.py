"""Cross references as people see and correct them; runs write them."""

from contracts import catalog
from contracts.errors import TreatyError
from registry.db.models import CrossReference
from registry.permissions import Permission
from registry.services.work import Work


def unlink(work: Work, entity: str, system: str, external_id: str, reason: str) -> None:
    """Forget what a system calls a thing, so that it is matched anew. Raises `TreatyError` (not-found)."""
    work.require(Permission.RUN_REPAIR)
    row = work.session.get(CrossReference, (entity, system, external_id))
    if row is None:
        said = f"{system} {external_id} is linked to no {entity}."
        raise TreatyError(catalog.NOT_FOUND, said)
    work.session.delete(row)
    work.session.flush()
    work.record("reference.unlinked", f"{entity}:{row.canonical}", system=system, reason=reason)
