"""How a refused caller is told what to send: `WWW-Authenticate` by RFC 6750, 9110 and 9449.

One field line per scheme; built once per operation. Called by the kind `authenticate`.
"""

from contracts import catalog
from contracts.problem import Problem, ProblemType
from policies.decision import Denial
from policies.exchange import Rejected
from policies.jwk import ALGORITHMS

Fields = tuple[tuple[str, str], ...]

_NAME = "WWW-Authenticate"
_ALGS = " ".join(ALGORITHMS)


class Challenges:
    """The refusals of one operation, by the schemes it accepts."""

    def __init__(self, *, bearer: bool, dpop: bool, metadata: str | None = None) -> None:
        self._bearer = bearer
        self._dpop = dpop
        # RFC 9728 section 5.1.
        self._realm = 'realm="treaty"' + (f', resource_metadata="{metadata}"' if metadata else "")
        self._plain = self._fields("", "")

    def missing(self, sentence: str) -> Denial:
        """Return the refusal of a call without credentials: no error code (RFC 6750 3.1)."""
        return Denial(Problem(catalog.TOKEN_MISSING, sentence), self._plain)

    def ambiguous(self, sentence: str) -> Denial:
        """Return the refusal of a call with two credentials: 400, invalid_request."""
        fields = self._fields("invalid_request", sentence)
        return Denial(Problem(catalog.CREDENTIALS_AMBIGUOUS, sentence), fields)

    def rejected(self, why: Rejected) -> Denial:
        """Return the refusal of a credential, or 503 where it could not be judged."""
        if why.retry_seconds:
            retry = (("Retry-After", str(why.retry_seconds)),)
            return Denial(Problem(catalog.ISSUER_AWAY, why.sentence), retry)
        return self._invalid(catalog.TOKEN_INVALID, why)

    def nonce(self, why: Rejected, nonce: str) -> Denial:
        """Return the refusal that hands out the nonce for the next proof (RFC 9449 section 9)."""
        denial = self._invalid(catalog.TOKEN_INVALID, why)
        return Denial(denial.problem, (*denial.headers, ("DPoP-Nonce", nonce)))

    def _invalid(self, kind: ProblemType, why: Rejected) -> Denial:
        return Denial(Problem(kind, why.sentence), self._fields(why.error, why.sentence))

    def _fields(self, error: str, sentence: str) -> Fields:
        """Return one challenge per scheme; the sentences are ours and need no escapes."""
        params = f', error="{error}", error_description="{sentence}"' if error else ""
        proof = "dpop" in error
        fields: list[tuple[str, str]] = []
        if self._bearer:
            fields.append((_NAME, f"Bearer {self._realm}" + ("" if proof else params)))
        if self._dpop:
            fields.append((_NAME, f'DPoP {self._realm}{params}, algs="{_ALGS}"'))
        # RFC 9110 section 11.6.1 demands a challenge; for keys alone no scheme is registered.
        return tuple(fields) or ((_NAME, f"ApiKey {self._realm}{params}"),)
