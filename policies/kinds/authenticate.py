"""Who calls: a bearer token (RFC 6750) or an API key. Public operations let everybody in."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from contracts import catalog
from contracts.problem import Problem
from policies.decision import Denial
from policies.exchange import Exchange, Ports, Rejected
from policies.kind import Compiled, Kind, Spec, Stage, Target


class AuthenticateSpec(Spec):
    """Which credentials are accepted."""

    accept: tuple[Literal["bearer", "api-key"], ...] = Field(
        default=("bearer", "api-key"), min_length=1
    )
    key_header: str = Field(default="X-Api-Key", pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    skew_seconds: int = Field(default=60, ge=0, le=300)


def compile_rule(spec: AuthenticateSpec, target: Target) -> Compiled:
    """Return the rule; an operation without security, or with an empty alternative, is optional."""
    alternatives = target.operation.security.alternatives
    settings = {
        "accept": list(spec.accept),
        "key_header": spec.key_header.lower(),
        "skew_seconds": spec.skew_seconds,
        "optional": not alternatives or () in alternatives,
    }
    return Compiled(settings, target.operation.security.node.pointer)


class Authenticate:
    """Sets application, scopes and claims on the exchange."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._bearer = "bearer" in settings["accept"]
        self._key = "api-key" in settings["accept"]
        self._header: str = settings["key_header"]
        self._skew: int = settings["skew_seconds"]
        self._optional: bool = settings["optional"]
        token = ["a bearer token in the Authorization header"] if self._bearer else []
        key = [f"an API key in the {settings['key_header']} header"] if self._key else []
        self._wanted = f"Send {' or '.join(token + key)}."

    def on_request(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Refuse with 401; the challenge names an error only where credentials were sent."""
        authorization = exchange.headers.get("authorization")
        key = exchange.headers.get(self._header) if self._key else None
        if self._bearer and authorization is not None:
            if key is not None:
                return _refuse("Send a bearer token or an API key, not both.", "invalid_request")
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                return _refuse("The Authorization header holds no bearer token.", "invalid_request")
            credential, answer = "bearer", ports.verify_token(token.strip(), self._skew)
        elif key is not None:
            credential, answer = "api-key", ports.verify_key(key)
        elif self._optional:
            return None
        else:
            return _refuse(self._wanted, "")
        if isinstance(answer, Rejected):
            return _refuse(answer.sentence, answer.error)
        exchange.application = answer.application
        exchange.credential = credential
        exchange.scopes = answer.scopes
        exchange.claims = answer.claims
        return None

    def on_response(self, exchange: Exchange, ports: Ports) -> Denial | None:
        """Nothing to do."""


def _refuse(sentence: str, error: str) -> Denial:
    # RFC 6750 section 3.1: no error code where the request carried no credentials.
    challenge = 'Bearer realm="treaty"' + (f', error="{error}"' if error else "")
    kind = catalog.TOKEN_INVALID if error else catalog.TOKEN_MISSING
    return Denial(Problem(kind, sentence), (("WWW-Authenticate", challenge),))


KIND = Kind(
    name="authenticate",
    stage=Stage.AUTHENTICATE,
    summary="Verifies a bearer token (RFC 9068, RFC 6750) or an API key.",
    spec=AuthenticateSpec,
    compile=compile_rule,
    build=Authenticate,
)
