"""Events out: what flows and people did, told to webhooks in the order of each subject.

At least once, signed (Standard Webhooks 1.0: HMAC-SHA256 over id, time and body). A subject whose
event cannot be delivered waits with what follows it; other subjects go on.
"""

import base64
import fnmatch
import hashlib
import hmac
import json
import logging
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from orchestration.systems.settings import RelaySettings
from registry.db.engine import transaction
from registry.db.models import OutboxEvent, RelayDelivery, Watermark

_BATCH = 100
_FIRST, _MOST = 1.0, 3_600.0
_LATE = 500
_CLAIM = timedelta(seconds=30)  # how long others leave alone what one worker is sending
_GIVEN_UP = 100  # tries of one event: about three days
_GONE = 410
_LOG = "treaty.relay"


class Relay:
    """Delivers to one receiver; `tick` is called in a loop, by one worker at a time."""

    def __init__(self, name: str, settings: RelaySettings, engine: Engine) -> None:
        self._name, self._settings, self._engine = name, settings, engine
        self._client = httpx2.Client(timeout=10.0, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def tick(self, now: datetime) -> int:
        """Deliver what is due and return how many events arrived."""
        with transaction(self._engine, writes=True) as session:
            self._take(session, now)
        with transaction(self._engine, writes=True) as session:
            due = self._due(session, now)
        arrived = 0
        for delivery, event in due:
            failure = self._sent(event, now)
            arrived += failure is None
            with transaction(self._engine, writes=True) as session:
                self._note(session, delivery.seq, failure, now)
        return arrived

    def _take(self, session: Session, now: datetime) -> None:
        """Put new events of wanted types in the queue, once: the watermark is committed with them."""
        mark = session.scalars(
            select(Watermark).where(Watermark.source == self._key).with_for_update()
        ).first()
        if mark is None:
            # A new receiver hears of what happens from now on.
            newest = session.scalar(select(func.max(OutboxEvent.seq))) or 0
            begun = Watermark(source=self._key, position=f"{newest}-{newest}", read_at=now)
            session.add(begun)
            return
        start, position = map(int, mark.position.split("-"))
        # A transaction that was slower than others commits a smaller number late: look back for it.
        known = select(RelayDelivery.event).where(RelayDelivery.relay == self._name)
        fresh = session.scalars(
            select(OutboxEvent)
            .where(OutboxEvent.seq > max(start, position - _LATE), OutboxEvent.seq.not_in(known))
            .order_by(OutboxEvent.seq)
            .limit(_LATE + _BATCH)
        ).all()
        for event in fresh:
            if any(fnmatch.fnmatchcase(event.type, each) for each in self._settings.types):
                session.add(
                    RelayDelivery(
                        relay=self._name, event=event.seq, subject=event.subject, attempts=0,
                        due_at=now, state="waiting", reason="",
                    )
                )  # fmt: skip
        if fresh:
            mark.position = f"{start}-{max(position, fresh[-1].seq)}"
            mark.read_at = now

    @property
    def _key(self) -> str:
        return f"relay:{self._name}"

    def _due(self, session: Session, now: datetime) -> list[tuple[RelayDelivery, OutboxEvent]]:
        """Claim the first waiting event of each subject, where its time has come."""
        waiting = (RelayDelivery.relay == self._name, RelayDelivery.state == "waiting")
        firsts = select(func.min(RelayDelivery.seq)).where(*waiting).group_by(RelayDelivery.subject)
        rows = session.execute(
            select(RelayDelivery, OutboxEvent)
            .join(OutboxEvent, OutboxEvent.seq == RelayDelivery.event)
            .where(RelayDelivery.seq.in_(firsts), RelayDelivery.due_at <= now)
            .order_by(RelayDelivery.seq)
            .limit(_BATCH)
            .with_for_update(skip_locked=True, of=RelayDelivery)
        )
        found = [(row[0], row[1]) for row in rows]
        for delivery, _ in found:
            delivery.due_at = now + _CLAIM
        return found

    def _sent(self, event: OutboxEvent, now: datetime) -> str | None:
        """Send one event; return why it has not arrived."""
        body = json.dumps(_cloud_event(event), ensure_ascii=False).encode()
        headers = {
            "content-type": "application/cloudevents+json",
            **signature(self._settings.secret.value(), str(event.id), int(now.timestamp()), body),
        }
        try:
            status = self._client.post(
                self._settings.url, content=body, headers=headers
            ).status_code
        except httpx2.HTTPError as error:
            return f"does not answer ({type(error).__name__})"
        if 200 <= status < 300:  # noqa: PLR2004  # RFC 9110 section 15.3
            return None
        return "gone" if status == _GONE else f"answered {status}"

    def _note(self, session: Session, seq: int, failure: str | None, now: datetime) -> None:
        row = session.get_one(RelayDelivery, seq)
        row.attempts, row.reason = row.attempts + 1, failure or ""
        if failure is None:
            row.state = "arrived"
        elif failure == "gone" or row.attempts >= _GIVEN_UP:
            # Its receiver does not want it any more (410), or three days have passed: others go on.
            row.state = "given_up"
            logging.getLogger(_LOG).error("%s: event %d is given up: %s", self._name, seq, failure)
        else:
            wait = min(_MOST, _FIRST * float(2 ** min(row.attempts - 1, 20))) * random.random()  # noqa: S311  # jitter
            row.due_at = now + timedelta(seconds=max(_FIRST / 2, wait))


def signature(secret: str, known: str, at: int, body: bytes) -> Mapping[str, str]:
    """Return the headers that prove who sent a body, and when (Standard Webhooks 1.0)."""
    signed = f"{known}.{at}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return {
        "webhook-id": known, "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }  # fmt: skip


def _cloud_event(event: OutboxEvent) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": str(event.id), "source": "treaty", "type": event.type,
        "subject": event.subject, "time": event.at.isoformat(), "sequence": str(event.seq),
        "datacontenttype": "application/json", "data": event.data,
    }  # fmt: skip
