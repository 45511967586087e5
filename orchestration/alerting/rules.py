"""What is wrong now, by rule: one trouble per cause or flow, so that a storm is one alert.

To add a kind: its settings, a function here, a line in `KINDS`.
"""

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from orchestration.alerting.settings import (
    ExceptionRule,
    LateRule,
    MetricRule,
    OverdueRule,
)
from orchestration.definition import seconds
from registry.business.board import metric
from registry.business.metric import sums
from registry.db.models import FlowDefinition, FlowException, Run

_OPEN = ("open", "retrying")
_UNENDED = ("waiting", "running", "exception")
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that has to be told: what it is about, a sentence, and since when."""

    subject: str
    sentence: str
    since: datetime
    lasting: timedelta = timedelta()  # it is told only after that long


def exceptions(session: Session, rule: ExceptionRule, now: datetime) -> Iterator[Trouble]:
    """Yield causes of open exceptions of flows whose criticality asks for it."""
    del now
    wanted = {name for name, flow in _flows(session) if flow["criticality"] in rule.criticality}
    yield from _by_cause(
        row for row in _open(session) if row.flow in wanted and _named(row.flow, rule.flows)
    )


def overdue(session: Session, rule: OverdueRule, now: datetime) -> Iterator[Trouble]:
    """Yield causes of exceptions that nobody has seen to in time."""
    limit = now + timedelta(seconds=seconds(rule.before))
    yield from _by_cause(
        row for row in _open(session) if row.due_at <= limit and _named(row.flow, rule.flows)
    )


def late(session: Session, rule: LateRule, now: datetime) -> Iterator[Trouble]:
    """Yield flows with runs that are older than the flow's SLA."""
    for name, flow in _flows(session):
        if not _named(name, rule.flows):
            continue
        begun = now - timedelta(seconds=seconds(flow["sla"]))
        found = session.scalars(
            select(Run.started_at)
            .where(Run.flow == name, Run.state.in_(_UNENDED), Run.started_at < begun)
            .order_by(Run.started_at)
            .limit(_MANY)
        ).all()
        if found:
            said = f"{len(found)} runs of {name} have not ended within {flow['sla']}"
            yield Trouble(name, said, found[0])


def figures(session: Session, rule: MetricRule, now: datetime) -> Iterator[Trouble]:
    """Yield the metric where it is beyond its limit."""
    known = metric(rule.metric)
    figure = known.compute(session, now)
    try:
        value = Decimal(str(figure.value))
    except InvalidOperation:
        return  # nothing has happened yet
    beyond = value > rule.above if rule.above is not None else value < (rule.below or 0)
    if beyond:
        limit = f"above {rule.above}" if rule.above is not None else f"below {rule.below}"
        said = f"{known.title}: {value} {figure.unit}, {limit}"
        yield Trouble(rule.metric, said, now, timedelta(seconds=seconds(rule.lasting)))


KINDS: Mapping[str, Callable[[Session, Any, datetime], Iterator[Trouble]]] = {
    "exception": exceptions,
    "overdue": overdue,
    "late": late,
    "metric": figures,
}


def _flows(session: Session) -> list[tuple[str, dict[str, Any]]]:
    live = select(FlowDefinition).where(FlowDefinition.live.is_(True)).order_by(FlowDefinition.flow)
    return [(row.flow, row.content["flow"]) for row in session.scalars(live)]


def _open(session: Session) -> Iterable[FlowException]:
    wanted = select(FlowException).where(FlowException.state.in_(_OPEN))
    return session.scalars(wanted.order_by(FlowException.opened_at).limit(_MANY))


def _named(flow: str, globs: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(flow, each) for each in globs)


def _by_cause(rows: Iterable[FlowException]) -> Iterator[Trouble]:
    causes: dict[str, list[FlowException]] = {}
    for row in rows:
        causes.setdefault(row.cause or row.id, []).append(row)
    for cause, alike in causes.items():
        first = alike[0]
        stake = sums((row.amount, row.currency) for row in alike if _is_money(row.amount))
        money = "".join(f", {amount} {currency} at stake" for currency, amount in stake.items())
        owners = ", ".join(sorted({row.owner for row in alike}))
        said = (
            f"{len(alike)} of {first.flow} held at {first.step} ({first.category}): "
            f"{first.sentence} For {owners}{money}."
        )
        yield Trouble(cause, said[:1_000], first.opened_at)


def _is_money(amount: str) -> bool:
    try:
        return Decimal(amount).is_finite()
    except InvalidOperation:
        return False
