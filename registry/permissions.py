"""Permissions as `resource:action`, and what each role may do."""

from enum import StrEnum


class Permission(StrEnum):
    """What an actor may do; alphabetical."""

    APPLICATION_WRITE = "application:write"
    AUDIT_READ = "audit:read"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    CONTRACT_ADMIN = "contract:admin"
    CONTRACT_PUBLISH = "contract:publish"
    ENVIRONMENT_WRITE = "environment:write"
    GATEWAY_WRITE = "gateway:write"
    GRANT_APPROVE = "grant:approve"
    GRANT_REQUEST = "grant:request"
    ISSUER_ADMIN = "issuer:admin"
    LEDGER_READ = "ledger:read"
    LEDGER_WRITE = "ledger:write"
    POLICY_WRITE = "policy:write"
    RUN_READ = "run:read"
    RUN_REPAIR = "run:repair"
    SNAPSHOT_READ = "snapshot:read"
    TEAM_ADMIN = "team:admin"
    TOKEN_ADMIN = "token:admin"  # noqa: S105  # a permission, not a password


_P = Permission

ROLES: dict[str, frozenset[Permission]] = {
    "admin": frozenset(Permission),
    "publisher": frozenset(
        {_P.APPLICATION_WRITE, _P.CATALOG_READ, _P.CATALOG_WRITE, _P.CONTRACT_PUBLISH,
         _P.ENVIRONMENT_WRITE, _P.GRANT_APPROVE, _P.GRANT_REQUEST, _P.LEDGER_READ,
         _P.RUN_READ, _P.RUN_REPAIR}
    ),
    "consumer": frozenset({_P.APPLICATION_WRITE, _P.CATALOG_READ, _P.GRANT_REQUEST}),
    "auditor": frozenset({_P.AUDIT_READ, _P.CATALOG_READ, _P.LEDGER_READ, _P.RUN_READ}),
    "gateway": frozenset({_P.GATEWAY_WRITE, _P.LEDGER_WRITE, _P.SNAPSHOT_READ}),
}  # fmt: skip

# Every role but admin acts for its own teams only; these two look at everything anyway.
TEAMLESS = frozenset({"admin", "auditor", "gateway"})
