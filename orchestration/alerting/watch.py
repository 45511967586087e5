"""The loop of alerts: what is wrong is kept, told once to each channel, and told again when it is over."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from contracts.errors import TreatyError
from orchestration.alerting.channels import SENDERS, Message
from orchestration.alerting.rules import KINDS, Trouble
from orchestration.alerting.settings import AlertSettings
from orchestration.definition import seconds
from registry.db.engine import transaction
from registry.db.models import Alert

_CLAIM = timedelta(seconds=60)  # how long others leave alone what one worker tells
_BATCH = 100
_MOST = 3_600.0
_LOG = "treaty.alerts"


class Watch:
    """One per worker; several workers share the table, and each alert is told by one of them."""

    def __init__(self, settings: AlertSettings, engine: Engine) -> None:
        self._settings, self._engine = settings, engine

    def tick(self, now: datetime) -> int:
        """Look at everything, tell what is due, and return how much that was."""
        for name, rule in self._settings.rules.items():
            with transaction(self._engine, writes=False) as session:
                found = {each.subject: each for each in KINDS[rule.when](session, rule, now)}
                changed = self._differs(session, name, found)
            if changed:
                with transaction(self._engine, writes=True) as session:
                    self._keep(session, name, found, now)
        with transaction(self._engine, writes=True) as session:
            due = self._due(session, now)
        for alert in due:
            self._tell(alert, now)
        return len(due)

    def _rows(self, session: Session, rule: str) -> Sequence[Alert]:
        return session.scalars(select(Alert).where(Alert.rule == rule)).all()

    def _differs(self, session: Session, rule: str, found: dict[str, Trouble]) -> bool:
        known = {row.subject: row.sentence for row in self._rows(session, rule) if _is_on(row)}
        return known != {subject: each.sentence for subject, each in found.items()}

    def _keep(self, session: Session, rule: str, found: dict[str, Trouble], now: datetime) -> None:
        rows = {(row.subject, row.channel): row for row in self._rows(session, rule)}
        for subject, trouble in found.items():
            for channel in self._settings.rules[rule].to:
                row = rows.pop((subject, channel), None)
                if row is None:
                    row = Alert(rule=rule, subject=subject, channel=channel, told="", attempts=0)
                    session.add(row)
                if row.state != "firing":
                    row.state, row.told, row.since = "firing", "", trouble.since
                    row.due_at, row.attempts = now + trouble.lasting, 0
                row.sentence = trouble.sentence
        for row in rows.values():
            if _is_on(row):
                # What nobody was told of needs no all-clear.
                row.state, row.due_at, row.attempts = "resolved", now, 0
                row.told = "" if row.told else "resolved"

    def _due(self, session: Session, now: datetime) -> list[Alert]:
        rows = session.scalars(
            select(Alert)
            .where(Alert.due_at <= now, or_(Alert.told != Alert.state, Alert.state == "firing"))
            .order_by(Alert.due_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.due_at = now + _CLAIM
        return list(rows)

    def _tell(self, alert: Alert, now: datetime) -> None:
        channel = self._settings.channels.get(alert.channel)
        if channel is None:
            failure: str | None = "this worker knows no such channel"
        else:
            failure = self._sent(alert, now)
        with transaction(self._engine, writes=True) as session:
            row = session.get_one(Alert, alert.seq)
            row.attempts, row.reason = row.attempts + 1, failure or ""
            if failure is not None:
                logging.getLogger(_LOG).error("%s: %s %s", row.channel, row.rule, failure)
                wait = min(_MOST, 2.0 ** min(row.attempts, 12)) * (0.5 + random.random() / 2)  # noqa: S311  # jitter
                row.due_at = now + timedelta(seconds=wait)
            elif row.state == alert.state:
                row.told, row.told_at, row.attempts = alert.state, now, 0
                rule = self._settings.rules.get(row.rule)
                row.due_at = now + timedelta(seconds=seconds(rule.again if rule else "1d"))

    def _sent(self, alert: Alert, now: datetime) -> str | None:
        channel = self._settings.channels[alert.channel]
        known = f"{alert.seq}-{alert.state}-{int(alert.since.timestamp())}"
        message = Message(
            known, alert.rule, alert.state, alert.subject, alert.sentence, alert.since, now
        )
        try:
            return SENDERS[channel.style](channel, message)
        except TreatyError as error:
            return error.problem.detail  # a secret that is not there


def _is_on(row: Alert) -> bool:
    return row.state == "firing"
