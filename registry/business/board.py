"""The explicit list of all business metrics, in the order in which the board shows them."""

from contracts import catalog
from contracts.errors import TreatyError
from registry.business import delivery, finance, operations
from registry.business.metric import Metric

METRICS: tuple[Metric, ...] = (*delivery.METRICS, *finance.METRICS, *operations.METRICS)


def metric(name: str) -> Metric:
    """Return a metric by name. Raises `TreatyError` (not-found)."""
    found = next((each for each in METRICS if each.name == name), None)
    if found is None:
        raise TreatyError(catalog.NOT_FOUND, f"There is no metric {name[:60]!r}.")
    return found
