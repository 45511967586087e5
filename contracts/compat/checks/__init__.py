"""Every check there is, one line per area; a new check is one function and one case file."""

from collections.abc import Mapping

from contracts.compat.check import AnyCheck, register
from contracts.compat.checks import (
    announced,
    bounds,
    callbacks,
    channels,
    composition,
    contract,
    lifecycle,
    media,
    operations,
    parameters,
    properties,
    requests,
    responses,
    security,
    servers,
    types,
)

CHECKS: tuple[AnyCheck, ...] = register(
    contract.CHECKS,
    servers.CHECKS,
    operations.CHECKS,
    lifecycle.CHECKS,
    parameters.CHECKS,
    requests.CHECKS,
    responses.CHECKS,
    media.CHECKS,
    announced.CHECKS,
    callbacks.CHECKS,
    channels.CHECKS,
    security.CHECKS,
    properties.CHECKS,
    types.CHECKS,
    bounds.CHECKS,
    composition.CHECKS,
)


def by_pair(checks: tuple[AnyCheck, ...]) -> Mapping[type, tuple[AnyCheck, ...]]:
    """Return the checks under the type of pair that they look at."""
    kinds = dict.fromkeys(entry.pair for entry in checks)
    return {kind: tuple(c for c in checks if c.pair is kind) for kind in kinds}


BY_PAIR = by_pair(CHECKS)
