"""What a policy kind is: a spec for its documents, a compile step, and an enforcer to build."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from contracts.model import Contract, Operation
from contracts.problem import ProblemType
from policies.decision import Denial, Word
from policies.exchange import Exchange, Ports
from policies.snapshot import ContractPlan
from policies.validation.table import SchemaTable
from policies.validation.validators import Validators


class Stage(IntEnum):
    """The one ordering table of the pipeline; rules of one operation run by stage.

    Lifecycle and size come before any cost, credentials before limits so that limits count
    consumers, and masking is the last to touch a body.
    """

    CORS = 5
    LIFECYCLE = 10
    SIZE = 20
    ADDRESS = 25  # a cheap limit per address, before any signature is checked
    AUTHENTICATE = 30
    AUTHORISE = 40
    BROWNOUT = 45  # who is exempt is known from here on
    LIMIT = 50
    CONCURRENCY = 55
    IDEMPOTENCY = 60
    RESHAPE = 65  # an answer takes the shape of the contract before it is judged by it
    VALIDATE = 70
    TRANSFORM = 75
    CACHE = 80
    UPSTREAM = 85
    MASK = 90
    ENCODE = 95  # bytes, not what they say


class Spec(BaseModel):
    """Base of what stands under `spec:` in a policy document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Enforcer(Protocol):
    """A compiled rule: synchronous, and pure over the exchange and the ports."""

    def on_request(self, exchange: Exchange, ports: Ports) -> Word:
        """Judge the request; may set what it learnt on the exchange."""
        ...

    def on_response(self, exchange: Exchange, ports: Ports) -> Word:
        """Judge or transform the response; may add headers."""
        ...


class RequestOnly:
    """Base of enforcers that have nothing to say of responses; the gateway then never asks."""

    def on_response(self, exchange: Exchange, ports: Ports) -> Word:
        """Let it pass."""
        del exchange, ports
        return None


class ResponseOnly:
    """Base of enforcers that have nothing to say of requests; the gateway then never asks."""

    def on_request(self, exchange: Exchange, ports: Ports) -> Word:
        """Let it pass."""
        del exchange, ports
        return None


class Filter(Protocol):
    """Transforms a response record by record as it streams (server-sent events, JSON Lines)."""

    def feed(self, chunk: bytes) -> bytes:
        """Return what may leave now. Raises `contracts.errors.TreatyError` to cut the stream."""
        ...

    def end(self) -> bytes:
        """Return what is left when the stream has ended."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """An enforcer that can also judge an endless response, without holding it whole."""

    def filter(self, exchange: Exchange, ports: Ports) -> Filter | Denial | None:
        """Return the filter for this response; None lets every byte pass."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """What a policy is compiled against: one operation of one deployed version."""

    contract: Contract
    plan: ContractPlan  # without operations yet
    operation: Operation
    schemas: SchemaTable  # what rules of this version validate against
    environment: str = ""  # where it is deployed


@dataclass(frozen=True, slots=True)
class Compiled:
    """The plain settings of a rule, and the contract's pointer that they derive from.

    `then` is a second rule of the same policy; `stage` where it runs at another one than its kind.
    """

    settings: Mapping[str, object]
    pointer: str = ""
    stage: Stage | None = None
    then: "Compiled | None" = None


def _no_scopes(spec: Any) -> tuple[str, ...]:
    del spec  # most kinds name none
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A policy kind. `compile` returns None where the policy has nothing to do."""

    name: str
    stage: Stage
    summary: str
    spec: type[Spec]
    compile: Callable[[Any, Target], Compiled | None]
    build: Callable[[Mapping[str, Any]], Enforcer]
    example: str  # a policy document that compiles, shown on the kind's page
    problems: tuple[ProblemType, ...] = ()  # what it can answer with
    # A rule whose settings hold `reads_request: false` (or `reads_response: false`) needs none.
    needs_request_body: bool = False
    needs_response_body: bool = False
    # The upstream may get another body than the client sent: digests of it are not passed on.
    changes_request: bool = False
    # The response that leaves may differ from the upstream's: validators and caches must know.
    changes_response: bool = False
    # Instead of `build`, where an enforcer needs the contract's schemas.
    build_with: Callable[[Mapping[str, Any], Validators], Enforcer] | None = None
    # Kinds that may stand twice on an operation (two limits); others conflict.
    repeatable: bool = False
    # Whether a policy may have a `when`: `guarded` where absence would open a door, so that another
    # policy of the kind must stand behind it; `never` where the gateway reads the rule beforehand.
    when: Literal["allowed", "guarded", "never"] = "allowed"
    # The scopes a spec names; the compiler refuses one that no selected contract declares.
    scopes: Callable[[Any], Iterable[str]] = _no_scopes
