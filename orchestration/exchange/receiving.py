"""Files become runs: each content once, in one transaction with the runs that it begins.

A crash at any point leaves the file where it lies; the next look finds its digest known, and only
answers the sender again.
"""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts import catalog
from contracts.errors import TreatyError
from contracts.model import Contract
from orchestration.exchange.folder import Folder, Lying
from orchestration.exchange.judging import Judge, Judged, groups
from orchestration.exchange.settings import ExchangeSettings
from orchestration.runs import intake
from orchestration.triggers import FILE
from registry.db.engine import transaction
from registry.db.models import ExchangeFile

_PART = 500  # rows of one run at most
_LOG = "treaty.exchange"


class Receiver:
    """Watches one exchange; `tick` is called in a loop."""

    def __init__(
        self, name: str, settings: ExchangeSettings, contract: Contract, engine: Engine
    ) -> None:
        """Take the contract of a row. Raises `OSError` or `ValueError` for a folder that is none."""
        self.name, self._settings, self._engine = name, settings, engine
        self._judge = Judge(settings, contract)
        self._folder = Folder(settings.url)
        self._seen: dict[str, str] = {}

    def tick(self, now: datetime) -> int:
        """Take what is ready and return how many runs began. Raises `OSError`."""
        lying = self._folder.files()
        ready = [file for file in lying if self._ready(file)]
        self._seen = {file.name: file.mark for file in lying}
        return sum(self._take(file, now) for file in ready)

    def _ready(self, file: Lying) -> bool:
        """Tell whether a file is whole: as long and as old as before, and with its control record."""
        still = self._seen.get(file.name) == file.mark
        return still and (not self._settings.control or self._folder.has_control(file.name))

    def _take(self, file: Lying, now: datetime) -> int:
        judged = self._judged(file)
        row, begun = self._keep(file, judged, now)
        twice = row.answered
        told = _told(row, file.name, judged, twice=twice)
        self._folder.answer(file.name, told, [] if twice else judged.rejects)
        self._folder.put_away(
            file.name, "quarantine" if row.state == "refused" else "archive", judged.digest
        )
        with transaction(self._engine, writes=True) as session:
            known = session.get_one(ExchangeFile, (self.name, judged.digest))
            known.times, known.answered = known.times + (1 if twice else 0), True
        logging.getLogger(_LOG).info(
            "%s: a file of %d bytes is %s", self.name, file.size, told["state"]
        )
        return begun

    def _judged(self, file: Lying) -> Judged:
        most = self._settings.max_bytes
        if file.size > most:
            # What nobody reads has no digest of its content: its name and size stand for it.
            known = f"size:{file.size}-{file.name}"[:190]
            return Judged(known, refused=f"it has more than {most} bytes")
        control = self._folder.control(file.name) if self._settings.control else None
        with self._folder.reading(file.name) as stream:
            return self._judge.judge(stream, control)

    def _keep(self, file: Lying, judged: Judged, now: datetime) -> tuple[ExchangeFile, int]:
        """Keep the file with the runs that it begins; a content that is known begins none."""
        try:
            with transaction(self._engine, writes=True) as session:
                known = session.get(ExchangeFile, (self.name, judged.digest))
                if known is not None:
                    return known, 0
                row = _row(self.name, file.name, judged, now)
                session.add(row)
                session.flush()
                row.runs = self._begin(session, file.name, judged, now)
                return row, row.runs
        except TreatyError as error:
            # A flow that waits for this exchange cannot tell its key: nothing of the file is taken.
            judged.refused = f"no flow can take it: {error.problem.detail}"
            judged.accepted.clear()
            return self._keep(file, judged, now)
        except IntegrityError:
            with transaction(self._engine, writes=False) as session:
                return session.get_one(ExchangeFile, (self.name, judged.digest)), 0

    def _begin(self, session: Session, name: str, judged: Judged, now: datetime) -> int:
        begun = 0
        for index, (group, rows) in enumerate(
            groups(judged.accepted, self._settings.group_by, _PART)
        ):
            data: dict[str, Any] = {
                "exchange": self.name, "file": name, "digest": judged.digest, "group": group,
                "part": index, "rows": rows,
            }  # fmt: skip
            known = f"{judged.digest}#{index}"
            event = intake.Event(f"treaty:file:{self.name}", known, FILE, name[:200], data, now)
            begun += max(0, intake.accept(session, event, now))
        if judged.accepted and not begun:
            # A file that nobody works on must not be acknowledged as taken.
            raise TreatyError(catalog.INVALID_EVENT, f"No live flow waits for {self.name}.")
        return begun


def _row(exchange: str, name: str, judged: Judged, now: datetime) -> ExchangeFile:
    state = "refused" if judged.refused else "partly" if judged.rejected else "accepted"
    return ExchangeFile(
        exchange=exchange, digest=judged.digest, name=name[:200], state=state,
        rows=len(judged.accepted), rejected=judged.rejected, runs=0, reason=judged.refused,
        answered=False, received_at=now,
    )  # fmt: skip


def _told(row: ExchangeFile, name: str, judged: Judged, *, twice: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "file": name, "digest": row.digest, "state": "duplicate" if twice else row.state,
        "rows": row.rows, "rejected": row.rejected, "received_at": row.received_at.isoformat(),
    }  # fmt: skip
    if row.reason:
        told["reason"] = row.reason
        told |= {"line": judged.refused_line} if judged.refused_line else {}
    if twice:
        told["first_file"] = row.name
    return told
