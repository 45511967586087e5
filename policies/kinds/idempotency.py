"""Writes that count once: the first reply to an Idempotency-Key is given again to its repetitions.

Source: draft-ietf-httpapi-idempotency-key-header-07. A store keeps the replies as they left.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from contracts import catalog
from contracts.problem import Problem, ProblemType
from policies.brownouts import Duration
from policies.decision import Denial, Instead, Word
from policies.exchange import Exchange, Ports
from policies.keeping import kept_fields
from policies.kind import Compiled, Kind, Spec, Stage, Target
from policies.stores import Kept, Store

# RFC 9651 section 3.3.3, a String without parameters; or a token as most clients send it.
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"')
_BARE = re.compile(r"[!#-+\-.-:<-\[\]-~]{1,255}")
_DAY = "1d"
_MEMORY = "idempotency"
_NO_CONTENT = 204
# Answers that the same request gets again: nothing was done, and nothing but the request decides.
_STEADY = frozenset({400, 404, 405, 406, 410, 413, 414, 415, 422})


class IdempotencySpec(Spec):
    """Which writes take keys, whether they must have one, and how long and large replies are kept."""

    methods: tuple[Literal["POST", "PATCH", "PUT", "DELETE"], ...] = Field(
        default=("POST", "PATCH"), min_length=1
    )
    required: bool = False
    keep: Duration = Field(default=_DAY, validate_default=True)
    max_reply_bytes: int = Field(default=1_048_576, ge=0, le=16_777_216)


def compile_rule(spec: IdempotencySpec, target: Target) -> Compiled | None:
    """Return the settings for a write; None for other operations."""
    if target.operation.method not in spec.methods:
        return None
    settings = {
        "required": spec.required,
        "keep_seconds": spec.keep,
        "max_reply_bytes": spec.max_reply_bytes,
    }
    return Compiled(settings, target.operation.node.pointer)


class _Held:
    """What one call holds between its words."""

    __slots__ = ("answered", "body", "key", "mark", "status")

    def __init__(self, key: str, mark: bytes) -> None:
        self.key = key
        self.mark = mark
        self.answered = False
        self.status = 0  # the upstream's
        self.body: bytes | None = None


class Idempotency:
    """Reserves the key while the first call runs, and keeps its reply when it has ended."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._required: bool = settings["required"]
        self._keep: int = settings["keep_seconds"]
        self._most: int = settings["max_reply_bytes"]

    def on_request(self, exchange: Exchange, ports: Ports) -> Word:
        """Give the kept reply, refuse another request under the same key, or let it run."""
        written = exchange.headers.get("idempotency-key")
        if written is None:
            return _no_key() if self._required else None
        text = _key(written)
        if text is None:
            return _bad_key()
        key, mark = _scoped(text, exchange), _fingerprint(exchange)
        store = ports.store("replies")
        kept = store.get(key, ports.now())
        if kept is not None:
            return _again(kept) if kept.mark == mark else _reused()
        holder = store.reserve(key, mark)
        if holder is not None:
            return _busy(holder, mark)
        held = exchange.memory[_MEMORY] = _Held(key, mark)
        exchange.at_end.append(lambda: self._end(held, exchange, store, ports.now()))
        return None

    def on_response(self, exchange: Exchange, ports: Ports) -> None:
        """Note that the upstream has answered; what leaves is only known at the end."""
        del ports
        held = exchange.memory.get(_MEMORY)
        if isinstance(held, _Held):
            held.answered, held.status = True, exchange.status
            held.body = exchange.response_body

    def filter(self, exchange: Exchange, ports: Ports) -> None:
        """Let streams pass: they are not kept."""
        del exchange, ports

    def _end(self, held: _Held, exchange: Exchange, store: Store, now: float) -> None:
        try:
            kept = self._kept(held, exchange, now)
            if kept is not None:
                store.put(held.key, kept)
        finally:
            store.release(held.key)

    def _kept(self, held: _Held, exchange: Exchange, now: float) -> Kept | None:
        status = held.status
        done = 200 <= status < 300  # noqa: PLR2004  # the class of successes
        if not held.answered or not (done or status in _STEADY):
            return None  # nothing is known to have happened: the key is free again
        until = now + self._keep
        body = b"" if status == _NO_CONTENT else exchange.response_body
        replaced = any(decision.outcome == "answered" for decision in exchange.decisions)
        if body is None or len(body) > self._most or exchange.status != status or replaced:
            # What was done must not be done again, even where its reply cannot be given again.
            return Kept(held.mark, at=now, until=until) if done else None
        changed = exchange.response_body is not held.body
        fields = kept_fields(exchange, changed=changed)
        return Kept(held.mark, status, fields, body, now, until)


def _key(written: str) -> str | None:
    text = written.strip()
    quoted = _STRING.fullmatch(text)
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    return text if _BARE.fullmatch(text) else None


def _scoped(text: str, exchange: Exchange) -> str:
    """Return the key of the store: nobody meets the replies of another caller."""
    caller = exchange.application or f"@{exchange.client}"
    subject = exchange.claims.get("sub", "")
    contract, operation = exchange.contract, exchange.operation.name
    facts = "\0".join((caller, str(subject), contract.contract, contract.apart, operation, text))
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()


def _fingerprint(exchange: Exchange) -> bytes:
    """Return what makes a repetition: what was asked, and what the caller may see of the reply."""
    facts = (
        exchange.method,
        exchange.path,
        exchange.query,
        exchange.headers.get("content-type", ""),
        " ".join(sorted(exchange.scopes)),
    )
    digest = hashlib.sha256("\0".join(facts).encode("utf-8", "surrogatepass"))
    digest.update(b"\0" + (exchange.request_body or b""))
    return digest.digest()


def _again(kept: Kept) -> Word:
    if not kept.status:
        sentence = "The request was carried out; its reply was not kept and cannot be given again."
        return Denial(Problem(catalog.IDEMPOTENCY_REPLY_GONE, sentence))
    return Instead(kept.status, (*kept.fields, ("Idempotency-Replayed", "true")), kept.body)


def _no_key() -> Denial:
    return _refuse(catalog.IDEMPOTENCY_KEY_MISSING, "This operation needs an Idempotency-Key.")


def _bad_key() -> Denial:
    sentence = "An Idempotency-Key is one String (RFC 9651) or token of up to 255 characters."
    return _refuse(catalog.IDEMPOTENCY_KEY_INVALID, sentence)


def _reused() -> Denial:
    sentence = "The Idempotency-Key was used for another request, or with a token of other scopes."
    return _refuse(catalog.IDEMPOTENCY_KEY_REUSED, sentence)


def _busy(holder: bytes, mark: bytes) -> Denial:
    if holder and holder != mark:
        return _reused()
    wait = ("Retry-After", "1")
    if not holder:
        sentence = "Too many writes are in flight."
        return Denial(Problem(catalog.OVERLOADED, sentence), (wait,))
    sentence = "The first request with this Idempotency-Key is still being carried out."
    return Denial(Problem(catalog.IDEMPOTENCY_IN_FLIGHT, sentence), (wait,))


def _refuse(kind: ProblemType, sentence: str) -> Denial:
    return Denial(Problem(kind, sentence))


_EXAMPLE = """\
policy: writes-count-once
kind: idempotency
select: {contracts: [psa.*]}
spec: {required: true, keep: 2d}
"""

KIND = Kind(
    name="idempotency",
    stage=Stage.IDEMPOTENCY,
    summary="Carries a write with an `Idempotency-Key` out once, and gives its reply again.",
    spec=IdempotencySpec,
    compile=compile_rule,
    build=Idempotency,
    example=_EXAMPLE,
    problems=(
        catalog.IDEMPOTENCY_KEY_MISSING,
        catalog.IDEMPOTENCY_KEY_INVALID,
        catalog.IDEMPOTENCY_KEY_REUSED,
        catalog.IDEMPOTENCY_IN_FLIGHT,
        catalog.IDEMPOTENCY_REPLY_GONE,
        catalog.OVERLOADED,
    ),
    needs_request_body=True,
    needs_response_body=True,
)
