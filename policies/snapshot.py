"""The waist: everything one gateway needs to know, as one plain, versioned, digested document.

The registry compiles it (`policies.compile`), the gateway builds its runtime from it. Nothing in
here is secret: keys are public or hashed. `read` refuses what it cannot trust.
"""

import hashlib
from typing import Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import from_json

from contracts import catalog
from contracts.errors import TreatyError
from contracts.problem import Detail
from policies.periods import PeriodName, zone
from policies.routing import Routing

SCHEMA_VERSION = 1


class Plain(BaseModel):
    """Frozen data without surprises: unknown members are errors, nothing is coerced."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Plain):
    """Where a rule comes from: a policy file and line, and the contract's pointer behind it."""

    policy: str
    file: str
    line: int
    pointer: str = ""  # JSON Pointer in the contract version, where the rule derives from it


class Rule(Plain):
    """One enforcer to be: `settings` is the compiled, plain form that the kind's builder reads."""

    kind: str
    mode: Literal["enforce", "observe"]
    settings: dict[str, object]
    source: Source
    when: dict[str, object] | None = None  # the rule speaks only where this matches


class OperationPlan(Plain):
    """One operation with its rules, in the order of the kinds' stages."""

    name: str  # operationId, or "GET /path"
    method: str
    path: str  # the contract's template, relative to the base path
    rules: tuple[Rule, ...]


class ContractPlan(Plain):
    """One deployed version: where it is reached, where it leads, what it enforces."""

    contract: str  # "psa.projects"
    version: str
    state: str  # published | deprecated | sunset
    base_path: str  # "/psa/projects/v2"; no trailing slash
    upstream: str  # absolute URL; the operation path is appended
    timeout_seconds: float = 30.0
    deprecated_at: int | None = None  # epoch seconds (RFC 9745)
    sunset_at: int | None = None  # epoch seconds (RFC 8594)
    successor: str | None = None  # base path of the successor version
    routing: Routing | None = None  # what a call must carry beside the base path
    operations: tuple[OperationPlan, ...]
    # The schemas that rules validate against, by name: JSON Schema 2020-12, `$defs` of each other.
    schemas: dict[str, object] = Field(default_factory=dict)

    @property
    def apart(self) -> str:
        """Return what keeps replies of this deployment apart from those of others on its path."""
        return self.version if self.routing is None else f"{self.version} {self.routing.match!r}"


class IntrospectionPlan(Plain):
    """Where opaque tokens are asked about (RFC 7662), and as whom.

    `secret` names a secret that each gateway holds itself (a file or an environment variable).
    """

    endpoint: str
    client_id: str
    secret: str
    cache_seconds: int = Field(default=60, ge=0, le=3600)  # at most, and never beyond `exp`


class IssuerPlan(Plain):
    """A token issuer that the gateway trusts: its public keys, or where the gateway finds them.

    `jwks_uri` leads to its JWK Set, `discovery` to its metadata (OpenID Connect Discovery, RFC
    8414), which names the JWK Set. Keys found that way count as expired `max_age_seconds` after
    they were last confirmed.
    """

    name: str
    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    jwks: dict[str, object] = Field(default_factory=dict)
    jwks_uri: str | None = None
    discovery: str | None = None
    introspection: IntrospectionPlan | None = None
    max_age_seconds: int = Field(default=86_400, ge=60, le=30 * 86_400)


class ApplicationPlan(Plain):
    """A consumer. `id` is the OAuth client id."""

    id: str
    name: str
    team: str


class ApiKeyPlan(Plain):
    """An API key by its SHA-256 hex digest; the key itself never leaves its owner."""

    digest: str
    application: str
    expires_at: int | None = None


class GrantPlan(Plain):
    """What an application may do with a contract, any version of it, in this environment."""

    application: str
    contract: str
    plan: str
    scopes: tuple[str, ...]
    expires_at: int | None = None
    version: str | None = None  # what an unversioned base path means for the application


class LimitPlan(Plain):
    """A limit of a plan, counted per operation or together.

    `quota` calls flow per `window_seconds`, or are to be had in each calendar `period` of `zone`.
    """

    name: str
    quota: int = Field(ge=1)
    window_seconds: int | None = Field(default=None, ge=1)
    burst: int | None = None
    per: Literal["operation", "contract"] = "operation"
    period: PeriodName | None = None
    zone: str | None = None  # of the period; UTC where nothing is said

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.window_seconds is None) is (self.period is None):
            raise ValueError("a limit has `window_seconds` or `period`")
        if self.period is not None and self.burst is not None:
            raise ValueError("`burst` belongs to `window_seconds`; a period is used as one likes")
        if self.zone is not None:
            zone(self.zone)
        return self


class UsagePlan(Plain):
    """A plan that grants refer to."""

    name: str
    limits: tuple[LimitPlan, ...]


class Snapshot(Plain):
    """One environment, compiled. `digest` covers everything else."""

    schema_version: int = SCHEMA_VERSION
    environment: str
    issuers: tuple[IssuerPlan, ...] = ()
    applications: tuple[ApplicationPlan, ...] = ()
    api_keys: tuple[ApiKeyPlan, ...] = ()
    plans: tuple[UsagePlan, ...] = ()
    grants: tuple[GrantPlan, ...] = ()
    contracts: tuple[ContractPlan, ...] = ()
    digest: str = ""

    def compute_digest(self) -> str:
        """Return the SHA-256 over the canonical JSON of everything but the digest."""
        return _digest(orjson.loads(self.write()))

    def sealed(self) -> "Snapshot":
        """Return the same snapshot with its digest filled in."""
        return self.model_copy(update={"digest": self.compute_digest()})

    def write(self) -> bytes:
        """Return the JSON text that `read` accepts."""
        return self.model_dump_json(exclude_none=True).encode()


def _digest(plain: dict[str, object]) -> str:
    """Return the digest of a written snapshot: of what stands there, not of what we default to.

    So a file of an earlier release, which lacks members that came later, keeps its digest.
    """
    body = {name: value for name, value in plain.items() if name != "digest"}
    return "sha256:" + hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _digest_as_read(text: bytes, plain: dict[str, object]) -> str:
    try:
        return _digest(plain)
    except TypeError:
        # An integer beyond 64 bits, which only the other parser takes (as the writer did).
        return _digest(orjson.loads(text))


def read(text: bytes) -> Snapshot:
    """Return the snapshot in `text`.

    Raises `TreatyError` (snapshot-rejected) when the text is not a snapshot, is of another
    schema version, or does not match its digest.
    """
    try:
        # Parsed once: what is validated is what the digest covers.
        plain = from_json(text, allow_inf_nan=False)
        snapshot = Snapshot.model_validate(plain)
    except ValidationError as error:
        causes = tuple(
            Detail(cause["msg"], "/" + "/".join(map(str, cause["loc"])))
            for cause in error.errors(include_input=False, include_url=False)[:10]
        )
        raise TreatyError(
            catalog.SNAPSHOT_REJECTED, "The text is not a snapshot.", errors=causes
        ) from None
    except ValueError:
        raise TreatyError(catalog.SNAPSHOT_REJECTED, "The text is not JSON (RFC 8259).") from None
    if snapshot.schema_version != SCHEMA_VERSION:
        raise TreatyError(
            catalog.SNAPSHOT_REJECTED,
            f"Snapshot schema {snapshot.schema_version} is not {SCHEMA_VERSION}, "
            "the one this gateway reads.",
        )
    if snapshot.digest != _digest_as_read(text, plain):
        raise TreatyError(catalog.SNAPSHOT_REJECTED, "The snapshot does not match its digest.")
    return snapshot
