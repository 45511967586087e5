"""Reads events from systems that keep them in order; how far it has come is committed with them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx2
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from contracts.errors import TreatyError
from orchestration.runs import intake
from orchestration.runs.causes import cause
from registry.db.engine import transaction
from registry.db.models import FlowException, Watermark

_MAX_ANSWER = 4_000_000
_DUE = timedelta(days=1)


class Source:
    """A feed: `GET URL?after=SEQUENCE` answers {"events": [CloudEvents with a `sequence`]}."""

    def __init__(self, name: str, url: str, engine: Engine) -> None:
        self._name, self._url, self._engine = name, url, engine
        self._client = httpx2.Client(timeout=10.0, trust_env=False)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def poll(self, now: datetime) -> int:
        """Take what is new and return how many events that were. Raises `httpx2.HTTPError`."""
        with transaction(self._engine, writes=False) as session:
            mark = session.get(Watermark, self._name)
            after = mark.position if mark else "0"
        response = self._client.get(f"{self._url}?after={quote(after)}")
        response.raise_for_status()
        events = _events(response.content)
        if events:
            with transaction(self._engine, writes=True) as session:
                for event in events:
                    _take(session, event, now)
                # A page may come in any order.
                _mark(session, self._name, str(max(int(e["sequence"]) for e in events)), now)
        return len(events)


def _events(content: bytes) -> list[Mapping[str, Any]]:
    if len(content) > _MAX_ANSWER:
        raise httpx2.HTTPError("the feed's answer is too large")
    try:
        found = json.loads(content)["events"]
        return [event for event in found if str(event["sequence"]).isdigit()]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise httpx2.HTTPError("the feed's answer is not a list of events") from None


def _take(session: Session, event: Mapping[str, Any], now: datetime) -> None:
    """Accept an event; one that nobody can take is shown to people, and does not hold up the rest."""
    try:
        intake.accept(session, intake.event(event), now)
    except TreatyError as error:
        causes = "; ".join(f"{each.pointer}: {each.detail}" for each in error.problem.errors[:5])
        known = str(event.get("id", ""))[:200]
        session.add(
            FlowException(
                flow="", business_key=known, run="", step="intake", category="validation",
                sentence=f"{error.problem.detail} {causes}".strip(), owner="integration",
                due_at=now + _DUE, state="open", opened_at=now, last_at=now, history=[],
                cause=cause("", "intake", "validation", error.problem.detail),
            )
        )  # fmt: skip


def _mark(session: Session, source: str, position: str, now: datetime) -> None:
    mark = session.get(Watermark, source)
    if mark is None:
        session.add(Watermark(source=source, position=position, read_at=now))
    else:
        mark.position, mark.read_at = position, now
