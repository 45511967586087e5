"""All tables, one file per aggregate."""

from registry.db.models.access import (
    ApiToken,
    Application,
    Credential,
    Grant,
    IssuedToken,
    LoginLink,
    LoginSession,
    Plan,
    SigningKey,
)
from registry.db.models.agents import Agent
from registry.db.models.alerts import Alert
from registry.db.models.catalog import Membership, Person, Service, Team
from registry.db.models.contracts import Content, ContractRow, VersionRow
from registry.db.models.flows import (
    ExchangeFile,
    Fact,
    FlowDefinition,
    FlowException,
    InboxEvent,
    RelayDelivery,
    Run,
    Watermark,
    Worker,
)
from registry.db.models.issuers import TrustedIssuer
from registry.db.models.journal import AuditEntry, OutboxEvent
from registry.db.models.judgements import ReportRow, WaiverRow
from registry.db.models.references import CrossReference
from registry.db.models.runtime import (
    Deployment,
    Environment,
    Gateway,
    LedgerBatch,
    LedgerEntry,
    PolicyFile,
    SnapshotRow,
)
from registry.db.models.systems import SystemGate

__all__ = [
    "Agent",
    "Alert",
    "ApiToken",
    "Application",
    "AuditEntry",
    "Content",
    "ContractRow",
    "Credential",
    "CrossReference",
    "Deployment",
    "Environment",
    "ExchangeFile",
    "Fact",
    "FlowDefinition",
    "FlowException",
    "Gateway",
    "Grant",
    "InboxEvent",
    "IssuedToken",
    "LedgerBatch",
    "LedgerEntry",
    "LoginLink",
    "LoginSession",
    "Membership",
    "OutboxEvent",
    "Person",
    "Plan",
    "PolicyFile",
    "RelayDelivery",
    "ReportRow",
    "Run",
    "Service",
    "SigningKey",
    "SnapshotRow",
    "SystemGate",
    "Team",
    "TrustedIssuer",
    "VersionRow",
    "WaiverRow",
    "Watermark",
    "Worker",
]  # fmt: skip
