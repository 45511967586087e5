"""Who calls: an access token (RFC 6750), bound to a key (RFC 9449) or certificate (RFC 8705), or a key.

Public operations let everybody in, but no wrong credential.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from contracts import catalog
from policies.challenges import Challenges
from policies.decision import Denial
from policies.exchange import Exchange, Identity, Ports, Proof, Rejected
from policies.kind import Compiled, Kind, RequestOnly, Spec, Stage, Target

Accepted = Literal["bearer", "api-key", "dpop", "mtls"]
_URL = r"^https?://[^\s/?#@]+$"
_METADATA = r"^https://[!#-\[\]-~]+$"
_TOKENS = frozenset({"bearer", "dpop", "mtls"})
_NEEDS = {
    "key_header": frozenset({"api-key"}),
    "skew_seconds": _TOKENS,
    "issuers": _TOKENS,
    "resource_metadata": _TOKENS,
    "proof_seconds": frozenset({"dpop"}),
    "proof_nonce": frozenset({"dpop"}),
    "public_url": frozenset({"dpop"}),
}


class AuthenticateSpec(Spec):
    """Which credentials are accepted.

    `bearer` takes any access token, `mtls` only one that is bound to the caller's certificate,
    `dpop` one that is bound to a key, with a proof. A binding holds whatever is accepted.
    """

    accept: tuple[Accepted, ...] = Field(default=("bearer", "api-key"), min_length=1)
    key_header: str = Field(default="X-Api-Key", pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    skew_seconds: int = Field(default=60, ge=0, le=300)
    issuers: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=50)
    proof_seconds: int = Field(default=60, ge=5, le=300)  # how old a DPoP proof may be
    proof_nonce: bool = False  # proofs must carry a nonce of the gateway (RFC 9449 section 9)
    # Scheme and authority that clients call, where a proxy stands between (for `htu`).
    public_url: str | None = Field(default=None, pattern=_URL, max_length=300)
    # Where clients read how to get a token (RFC 9728); challenges then name it.
    resource_metadata: str | None = Field(default=None, pattern=_METADATA, max_length=300)

    @model_validator(mode="after")
    def _nothing_without_effect(self) -> Self:
        """Refuse members that what is accepted never asks for."""
        for member in sorted(self.model_fields_set & _NEEDS.keys()):
            if not _NEEDS[member].intersection(self.accept):
                ways = " or ".join(sorted(_NEEDS[member]))
                raise ValueError(f"`{member}` has no effect unless `accept` names {ways}")
        return self


def compile_rule(spec: AuthenticateSpec, target: Target) -> Compiled:
    """Return the rule; an operation without security, or with an empty alternative, is optional."""
    alternatives = target.operation.security.alternatives
    settings: dict[str, object] = {
        "accept": list(spec.accept),
        "key_header": spec.key_header.lower(),
        "skew_seconds": spec.skew_seconds,
        "optional": not alternatives or () in alternatives,
    }
    if spec.issuers is not None:
        settings["issuers"] = sorted(set(spec.issuers))
    if spec.resource_metadata is not None:
        settings["resource_metadata"] = spec.resource_metadata
    if "dpop" in spec.accept:
        settings |= {"proof_seconds": spec.proof_seconds, "proof_nonce": spec.proof_nonce}
        if spec.public_url is not None:
            settings["public_url"] = spec.public_url
    return Compiled(settings, target.operation.security.node.pointer)


class Authenticate(RequestOnly):
    """Sets application, scopes and claims on the exchange."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        accept = settings["accept"]
        self._key = "api-key" in accept
        self._plain = "bearer" in accept
        self._bearer = self._plain or "mtls" in accept
        self._dpop = "dpop" in accept
        self._header: str = settings["key_header"]
        self._skew: int = settings["skew_seconds"]
        self._optional: bool = settings["optional"]
        issuers = settings.get("issuers")
        self._issuers = None if issuers is None else frozenset(issuers)
        self._proof_seconds: int = settings.get("proof_seconds", 0)
        self._nonce: bool = settings.get("proof_nonce", False)
        self._public: str | None = settings.get("public_url")
        self._say = Challenges(
            bearer=self._bearer,
            dpop=self._dpop,
            metadata=settings.get("resource_metadata"),
        )
        self._wanted = _wanted(accept, self._header)

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 401; a challenge names an error only where credentials were sent."""
        authorization = exchange.headers.get("authorization")
        if authorization is None or not (self._bearer or self._dpop):
            return self._without_token(exchange, ports)
        if self._key and self._header in exchange.headers:
            return self._say.ambiguous("Send a token or an API key, not both.")
        scheme, _, token = authorization.partition(" ")
        if self._bearer and (scheme == "Bearer" or scheme.lower() == "bearer"):
            answer = ports.verify_token(token.lstrip(" "), self._skew, self._issuers)
            if isinstance(answer, Rejected):
                return self._rejected(exchange, answer)
            # One test for the common token, which is bound to nothing.
            if answer.jkt or answer.x5t or not self._plain:
                word = self._unproved(answer, exchange)
                if word is not None:
                    return word
            exchange.credential = "bearer"
        elif self._dpop and scheme.lower() == "dpop":
            found = self._proved(token.lstrip(" "), exchange, ports)
            if isinstance(found, Denial):
                return found
            answer = found
            exchange.credential = "dpop"
        else:
            # RFC 6750 section 3.1: another scheme is like none; the challenge has no error code.
            return self._say.missing(self._wanted)
        exchange.application = answer.application
        exchange.scopes = answer.scopes
        exchange.claims = answer.claims
        return None

    def _without_token(self, exchange: Exchange, ports: Ports) -> Denial | None:
        key = exchange.headers.get(self._header) if self._key else None
        if key is None:
            return None if self._optional else self._say.missing(self._wanted)
        answer = ports.verify_key(key)
        if isinstance(answer, Rejected):
            return self._say.rejected(answer)
        exchange.credential = "api-key"
        exchange.application = answer.application
        exchange.scopes = answer.scopes
        exchange.claims = answer.claims
        return None

    def _rejected(self, exchange: Exchange, answer: Rejected) -> Denial:
        """Return the refusal; two tokens are no token, and the sender should know why."""
        if "," in exchange.headers["authorization"]:
            return self._say.ambiguous("Send one Authorization header with one token.")
        return self._say.rejected(answer)

    def _unproved(self, caller: Identity, exchange: Exchange) -> Denial | None:
        """Return why a bearer does not own the token it sent."""
        if caller.jkt:
            # RFC 9449 section 7.2: as a bearer token it would be worth what a stolen one is.
            return self._say.rejected(Rejected("The token is bound to a key; send it with DPoP."))
        if not caller.x5t:
            return self._say.rejected(Rejected("Only tokens bound to a certificate count here."))
        return self._other_certificate(caller, exchange)

    def _other_certificate(self, caller: Identity, exchange: Exchange) -> Denial | None:
        certificate = exchange.certificate
        if certificate is not None and certificate.thumbprint == caller.x5t:
            return None
        # RFC 8705 section 3: a mismatch is answered as an invalid token.
        return self._say.rejected(Rejected("The token is bound to another certificate."))

    def _proved(self, token: str, exchange: Exchange, ports: Ports) -> Identity | Denial:
        """Return the caller who owns the key that the token is bound to (RFC 9449 section 7.1)."""
        answer = ports.verify_token(token, self._skew, self._issuers)
        if isinstance(answer, Rejected):
            return self._rejected(exchange, answer)
        if not answer.jkt:
            return self._say.rejected(Rejected("The token is not bound to a key."))
        if answer.x5t and (word := self._other_certificate(answer, exchange)) is not None:
            return word
        origin = self._public or f"{exchange.scheme}://{exchange.authority}"
        proof = Proof(
            text=exchange.headers.get("dpop", ""),
            method=exchange.method,
            url=f"{origin}{exchange.contract.base_path}{exchange.path}",
            token=token,
            jkt=answer.jkt,
            window_seconds=self._proof_seconds,
            nonce=self._nonce,
        )
        wrong = ports.check_proof(proof)
        if wrong is None:
            return answer
        if wrong.error == "use_dpop_nonce":
            return self._say.nonce(wrong, ports.proof_nonce())
        return self._say.rejected(wrong)


def _wanted(accept: list[str], header: str) -> str:
    ways = {
        "bearer": "a bearer token in the Authorization header",
        "mtls": "a token bound to your TLS client certificate in the Authorization header",
        "dpop": "a token with the scheme DPoP in the Authorization header and a proof in DPoP",
        "api-key": f"an API key in the {header} header",
    }
    return f"Send {' or '.join(text for name, text in ways.items() if name in accept)}."


_EXAMPLE = """\
policy: tokens-only
kind: authenticate
spec: {accept: [bearer], skew_seconds: 30}
"""

KIND = Kind(
    name="authenticate",
    stage=Stage.AUTHENTICATE,
    summary="Verifies an access token (RFC 9068, 6750), its binding (RFC 9449, 8705), or an API key.",
    spec=AuthenticateSpec,
    compile=compile_rule,
    build=Authenticate,
    when="guarded",
    example=_EXAMPLE,
    problems=(catalog.TOKEN_MISSING, catalog.TOKEN_INVALID, catalog.CREDENTIALS_AMBIGUOUS),
)
