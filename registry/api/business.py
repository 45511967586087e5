"""The business board over HTTP: each metric with its definition, its figure and its records."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from registry.api.wire import Moment, Out, Slug, problems
from registry.business import board
from registry.business.metric import Figure, Metric
from registry.deps import SECURITY, Reading
from registry.permissions import Permission

router = APIRouter(prefix="/v1/business", tags=["business"], dependencies=SECURITY)
_MAX_RECORDS = 1_000


class MetricOut(Out):
    """A figure; `value` is null where nothing has happened yet."""

    name: str
    title: str
    definition: str
    value: str | None
    unit: str
    details: dict[str, Any]
    records: int
    as_of: Moment


class MetricWithRecords(MetricOut):
    """A figure with the records that it is made of, at most 1,000."""

    behind: list[dict[str, Any]]


class BoardOut(Out):
    """All figures at one time."""

    items: list[MetricOut]


@router.get("/metrics", operation_id="listMetrics", responses=problems())
def list_metrics(work: Reading) -> BoardOut:
    """Show the whole board."""
    work.require(Permission.RUN_READ)
    now = work.now()
    figures = [(each, each.compute(work.session, now)) for each in board.METRICS]
    return BoardOut(items=[MetricOut(**_facts(*pair), as_of=now) for pair in figures])


@router.get("/metrics/{metric}", operation_id="getMetric", responses=problems(404))
def get_metric(work: Reading, metric: Annotated[Slug, Path()]) -> MetricWithRecords:
    """Show one figure and what it is made of."""
    work.require(Permission.RUN_READ)
    found, now = board.metric(metric), work.now()
    figure = found.compute(work.session, now)
    behind = [dict(record) for record in figure.records[:_MAX_RECORDS]]
    return MetricWithRecords(**_facts(found, figure), as_of=now, behind=behind)


def _facts(metric: Metric, figure: Figure) -> dict[str, Any]:
    return {
        "name": metric.name, "title": metric.title, "definition": metric.definition,
        "value": figure.value, "unit": figure.unit, "details": dict(figure.details),
        "records": len(figure.records),
    }  # fmt: skip
