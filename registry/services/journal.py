"""The audit chain verified, the ledger of gateways taken in, gateways heard."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from registry.db.models import AuditEntry, Environment, Gateway, LedgerBatch, LedgerEntry
from registry.permissions import Permission
from registry.services.work import GENESIS, Work, entry_hash


@dataclass(frozen=True, slots=True)
class Chain:
    """The verified audit chain: how long, and its last hash."""

    entries: int
    head: str


def verify_audit(work: Work) -> Chain:
    """Walk the chain. Raises `TreatyError` (audit-broken) at the first entry that does not fit."""
    work.require(Permission.AUDIT_READ)
    previous, expected = GENESIS, 1
    query = select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=500)
    with closing(work.session.scalars(query)) as entries:
        for entry in entries:
            if (entry.seq, entry.previous, entry.hash) != (expected, previous, entry_hash(entry)):
                raise TreatyError(
                    catalog.AUDIT_BROKEN,
                    f"The audit chain breaks at entry {expected}: it was changed, moved or removed.",
                    entry=expected,
                )
            previous, expected = entry.hash, expected + 1
    return Chain(expected - 1, previous)


def take_ledger(work: Work, gateway: str, batch_id: str, entries: list[dict[str, Any]]) -> int:
    """Store a batch once; the same batch again is thanked for and left alone."""
    work.require(Permission.LEDGER_WRITE)
    if work.session.get(LedgerBatch, batch_id) is not None:
        return 0
    work.session.add(LedgerBatch(id=batch_id, gateway=gateway, received_at=work.now()))
    work.session.flush()
    work.session.add_all(LedgerEntry(batch=batch_id, **entry) for entry in entries)
    return len(entries)


def hear_gateway(
    work: Work,
    name: str,
    *,
    environment: str,
    snapshot_digest: str | None,
    since: datetime | None,
    refused: dict[str, Any] | None,
) -> Gateway:
    """Note what a gateway says of itself."""
    work.require(Permission.GATEWAY_WRITE)
    work.get(Environment, environment, "environment")
    row = work.session.get(Gateway, name) or Gateway(name=name)
    row.environment, row.snapshot_digest, row.since = environment, snapshot_digest, since
    row.refused, row.seen_at = refused, work.now()
    work.session.add(row)
    return row
