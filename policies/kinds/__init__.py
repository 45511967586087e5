"""One file per policy kind, listed here; a name that stands twice is refused."""

from policies.kind import Kind
from policies.kinds import (
    address_limit,
    authenticate,
    cache,
    compression,
    concurrency,
    cors,
    idempotency,
    lifecycle,
    mask,
    rate_limit,
    require_claims,
    require_scope,
    size_limit,
    transform,
    upstream,
    validate_request,
    validate_response,
)


def _by_name(*kinds: Kind) -> dict[str, Kind]:
    table = {kind.name: kind for kind in kinds}
    if len(table) != len(kinds):
        raise ValueError("two policy kinds have the same name")
    return table


KINDS = _by_name(
    cors.KIND,
    lifecycle.KIND,
    size_limit.KIND,
    address_limit.KIND,
    authenticate.KIND,
    require_scope.KIND,
    require_claims.KIND,
    rate_limit.KIND,
    idempotency.KIND,
    concurrency.KIND,
    validate_request.KIND,
    validate_response.KIND,
    transform.KIND,
    cache.KIND,
    upstream.KIND,
    mask.KIND,
    compression.KIND,
)
