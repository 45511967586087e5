"""One call as the enforcers see it, and the ports through which they reach the world."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal, NamedTuple, Protocol

from policies.decision import Decision
from policies.snapshot import ContractPlan, GrantPlan, OperationPlan, UsagePlan
from policies.stores import Store


class NotYetError(Exception):
    """Raised by a port that must ask the outside first (introspection, a shared counter).

    The gateway awaits `resume` and asks the same rule anew; the port then has the answer at hand.
    Only a rule's first words may raise it: what a rule did before is done again.
    """

    def __init__(self, resume: Callable[[], Awaitable[None]]) -> None:
        super().__init__("the answer is not at hand yet")
        self.resume = resume


@dataclass(frozen=True, slots=True)
class Certificate:
    """What TLS learnt of the client: `thumbprint` is x5t#S256 (RFC 8705 section 3.1)."""

    thumbprint: str
    subject: str = ""


@dataclass(slots=True)
class Exchange:
    """A request, what was learnt about it, and its response.

    Header names are lower case; a repeated request header is joined with ", " (RFC 9110 5.3).
    Bodies are None unless a rule of the operation asked for them.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    client: str  # peer address
    request_id: str
    contract: ContractPlan
    operation: OperationPlan
    fields: Sequence[tuple[str, str]] = ()  # the request header as it came, names lower case
    scheme: str = "http"
    authority: str = ""  # the Host field
    certificate: Certificate | None = None  # of the client, where TLS asked for one
    request_length: int | None = None  # declared Content-Length
    request_body: bytes | None = None

    application: str | None = None  # id, set by `authenticate`
    credential: str = ""  # bearer | api-key, set by `authenticate`
    scopes: frozenset[str] = frozenset()
    claims: Mapping[str, object] = field(default_factory=dict)
    grant: GrantPlan | None = None

    status: int = 0
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: bytes | None = None

    # Response headers as this caller sees them, lower-case names; None: not at all.
    shown_headers: tuple[tuple[str, str | None], ...] = ()

    # Headers the gateway adds to the reply, and what the rules decided, in order.
    added_headers: list[tuple[str, str]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    # What a rule keeps between its words on one call, by a name that starts with its kind.
    memory: dict[str, object] = field(default_factory=dict)
    # Called once when the call has ended in any way: releases places, stores replies.
    at_end: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller. A token that is bound to a key counts only with proof of that key."""

    application: str
    scopes: frozenset[str]
    claims: Mapping[str, object]
    issuer: str = ""  # name of the issuer; empty for API keys
    starts: float = 0.0  # epoch seconds: not before
    expires: float = inf  # epoch seconds: no longer at
    jkt: str = ""  # the key of its proofs (RFC 9449 section 6.1)
    x5t: str = ""  # the certificate it is bound to (RFC 8705 section 3.1)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a credential does not count: a sentence without values.

    With `retry_seconds` the credential could not be judged at all; `error` is the OAuth error code.
    """

    sentence: str
    retry_seconds: int = 0
    error: str = "invalid_token"


@dataclass(frozen=True, slots=True)
class Proof:
    """A DPoP proof (RFC 9449 section 4.3) and what it must speak of."""

    text: str  # the DPoP header; empty where there is none
    method: str
    url: str  # of the request, as the client called it; a query does not count
    token: str
    jkt: str  # thumbprint of the key that the token is bound to
    window_seconds: int
    nonce: bool  # must carry a nonce of ours


class Limit(NamedTuple):
    """A GCRA limit kept under `key`: `quota` per `window_seconds`, `burst` of them at once.

    With `until` (epoch seconds) it is a calendar quota instead: `quota` calls until then.
    """

    key: str
    quota: int
    window_seconds: int
    burst: int
    cost: int = 1  # what this call takes
    # Without the shared counter: local | closed | open; `here` never asks it.
    away: str = "local"
    until: float = 0.0


class Taken(NamedTuple):
    """The answer of a counter: whether the call fits, and the state for the RateLimit fields."""

    allowed: bool
    remaining: int
    reset_seconds: float  # until the full quota is there again
    retry_seconds: float  # until the call fits; 0 when allowed


class Ports(Protocol):
    """What enforcers may ask of the outside. All calls are quick and synchronous."""

    def now(self) -> float:
        """Return the time in epoch seconds."""
        ...

    def take(self, limits: Sequence[Limit]) -> Sequence[Taken]:
        """Count one call against all limits, or against none where one of them is full."""
        ...

    def enter(self, key: str, limit: int) -> bool:
        """Take one of `limit` places under `key`; False where all are taken."""
        ...

    def leave(self, key: str) -> None:
        """Give a place back."""
        ...

    def verify_token(
        self, token: str, skew_seconds: int, issuers: frozenset[str] | None = None
    ) -> Identity | Rejected:
        """Return the caller behind an access token, of one of `issuers` where they are given.

        Binding to a key or a certificate is for the caller to check. Raises `NotYetError`.
        """
        ...

    def verify_key(self, key: str) -> Identity | Rejected:
        """Return the caller behind an API key, or why the key is not valid."""
        ...

    def check_proof(self, proof: Proof) -> Rejected | None:
        """Return why the proof does not count; one that counts does so once."""
        ...

    def proof_nonce(self) -> str:
        """Return the nonce that proofs should carry now."""
        ...

    def grant(self, application: str, contract: str) -> GrantPlan | None:
        """Return the grant of the application for the contract, expired or not."""
        ...

    def pseudonym(self, text: str) -> str:
        """Return a keyed hash of the text: equal for equal texts, not to be found by guessing."""
        ...

    def plan(self, name: str) -> UsagePlan | None:
        """Return the plan by name."""
        ...

    def store(self, name: Literal["replies", "cache"]) -> Store:
        """Return where replies are kept; it outlives runtimes."""
        ...
