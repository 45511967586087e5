"""Every problem type that Treaty can answer with; slugs are never renamed.

`docs/problems.md` is generated from this list.
"""

from contracts.problem import ProblemType

# reading documents
NOT_READABLE = ProblemType("document-not-readable", "The document cannot be read", 422)
TOO_LARGE = ProblemType("document-too-large", "The document is larger than allowed", 413)
TOO_DEEP = ProblemType("document-too-deep", "The document is nested deeper than allowed", 422)
ALIAS_BOMB = ProblemType("alias-bomb", "The document's aliases expand beyond the limit", 422)
DUPLICATE_KEY = ProblemType("duplicate-key", "A mapping has the same key twice", 422)
UNKNOWN_FORMAT = ProblemType("unknown-format", "The contract format is not known", 422)
REFERENCE_UNRESOLVED = ProblemType("reference-unresolved", "A $ref leads nowhere", 422)
REFERENCE_CYCLE = ProblemType("reference-cycle", "A $ref leads back to itself", 422)
REFERENCE_EXTERNAL = ProblemType(
    "reference-external", "A $ref leaves the document and is not allow-listed", 422
)
INVALID_CONTRACT = ProblemType("invalid-contract", "The contract breaks its specification", 422)
INVALID_RULESET = ProblemType("invalid-ruleset", "The lint ruleset is not valid", 422)

# policies and snapshots
INVALID_POLICY = ProblemType("invalid-policy", "The policy document is not valid", 422)
INVALID_ISSUER = ProblemType("invalid-issuer", "The token issuer cannot be trusted as it is", 422)
POLICY_CONFLICT = ProblemType("policy-conflict", "Two policies contradict each other", 409)
UNKNOWN_SCOPE = ProblemType("unknown-scope", "No selected contract declares the scope", 422)
ROUTE_CONFLICT = ProblemType("route-conflict", "Two deployments claim the same route", 409)
SNAPSHOT_REJECTED = ProblemType("snapshot-rejected", "The snapshot cannot be trusted", 422)

# flows
INVALID_FLOW = ProblemType("invalid-flow", "The flow or mapping document is not valid", 422)
INVALID_EVENT = ProblemType("invalid-event", "The event cannot be accepted", 422)
FLOW_FAILED = ProblemType("flow-failed", "A step of the flow cannot succeed", 422)

# registry
INVALID_REQUEST = ProblemType("invalid-request", "The request is not valid", 422)
MALFORMED_REQUEST = ProblemType("malformed-request", "The request cannot be parsed", 400)
UNAUTHENTICATED = ProblemType("unauthenticated", "Authentication is required", 401)
FORBIDDEN = ProblemType("forbidden", "Permission is missing", 403)
NOT_FOUND = ProblemType("not-found", "There is nothing here by that name", 404)
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", "The method is not allowed here", 405)
NOT_ACCEPTABLE = ProblemType("not-acceptable", "No acceptable representation", 406)
CONFLICT = ProblemType("conflict", "The request contradicts what is stored", 409)
ALREADY_EXISTS = ProblemType("already-exists", "The name is taken", 409)
VERSION_EXISTS = ProblemType("version-exists", "The version exists with other content", 409)
INVALID_STATE = ProblemType("invalid-state", "The state does not allow this step", 409)
BREAKING_CHANGE = ProblemType("breaking-change", "The change breaks the published contract", 409)
PRECONDITION_FAILED = ProblemType("precondition-failed", "The resource has changed since", 412)
PRECONDITION_REQUIRED = ProblemType("precondition-required", "If-Match is required", 428)
BODY_TOO_LARGE = ProblemType("body-too-large", "The body is larger than allowed", 413)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupported-media-type", "The media type is not supported", 415
)
INTERNAL = ProblemType("internal-error", "Something failed on our side", 500)
AUDIT_BROKEN = ProblemType("audit-broken", "The audit chain does not verify", 500)

# gateway
ROUTE_NOT_FOUND = ProblemType("route-not-found", "No deployed contract has this path", 404)
VERSION_NOT_OFFERED = ProblemType(
    "version-not-offered", "No deployed version fits what the request asks for", 406
)
AMBIGUOUS_PATH = ProblemType("ambiguous-path", "The path can be read in more than one way", 400)
URI_TOO_LONG = ProblemType("uri-too-long", "The request target is too long", 414)
HEADER_TOO_LARGE = ProblemType("header-too-large", "The request header is too large", 431)
EXPECTATION_FAILED = ProblemType("expectation-failed", "The expectation cannot be met", 417)
NOT_IMPLEMENTED = ProblemType("not-implemented", "The gateway does not do this", 501)
VERSION_NOT_SUPPORTED = ProblemType(
    "version-not-supported", "The HTTP version is not supported", 505
)
REQUEST_TIMEOUT = ProblemType("request-timeout", "The request did not come in time", 408)
TOKEN_MISSING = ProblemType("token-missing", "Credentials are required", 401)
TOKEN_INVALID = ProblemType("token-invalid", "The credentials are not valid", 401)
CREDENTIALS_AMBIGUOUS = ProblemType(
    "credentials-ambiguous", "The request carries more than one credential", 400
)
ISSUER_AWAY = ProblemType("issuer-away", "The credentials cannot be checked at the moment", 503)
SCOPE_MISSING = ProblemType("scope-missing", "The token lacks a required scope", 403)
GRANT_MISSING = ProblemType("grant-missing", "The application has no grant here", 403)
CONDITION_NOT_MET = ProblemType("condition-not-met", "The call does not meet a condition", 403)
# Registered with IANA by the RateLimit header fields draft.
QUOTA_EXCEEDED = ProblemType(
    "quota-exceeded",
    "The request quota is used up",
    429,
    uri="https://iana.org/assignments/http-problem-types#quota-exceeded",
)
REQUEST_BREAKS_CONTRACT = ProblemType(
    "request-breaks-contract", "The request breaks the contract", 400
)
RESPONSE_BREAKS_CONTRACT = ProblemType(
    "response-breaks-contract", "The upstream's answer breaks the contract", 502
)
ORIGIN_NOT_ALLOWED = ProblemType("origin-not-allowed", "Pages of this origin may not call", 403)
CONCURRENCY_EXCEEDED = ProblemType(
    "concurrency-exceeded", "Too many calls run at the same time", 429
)
VERSION_SUNSET = ProblemType("version-sunset", "The version has been sunset", 410)
VERSION_BROWNOUT = ProblemType(
    "version-brownout", "The version is about to go and takes a break", 503
)
# The Idempotency-Key draft asks for 400, 422 and 409 (section 2.7).
IDEMPOTENCY_KEY_MISSING = ProblemType(
    "idempotency-key-missing", "The operation needs an Idempotency-Key", 400
)
IDEMPOTENCY_KEY_INVALID = ProblemType(
    "idempotency-key-invalid", "The Idempotency-Key is malformed", 400
)
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotency-key-reused", "The Idempotency-Key was used for another request", 422
)
IDEMPOTENCY_IN_FLIGHT = ProblemType(
    "idempotency-in-flight", "The first request with this key is still being carried out", 409
)
IDEMPOTENCY_REPLY_GONE = ProblemType(
    "idempotency-reply-gone", "The request was carried out, but its reply was not kept", 409
)
REQUEST_TOO_LARGE = ProblemType("request-too-large", "The request body is too large", 413)
RESPONSE_TOO_LARGE = ProblemType("response-too-large", "The upstream's answer is too large", 502)
REQUEST_NOT_TRANSFORMABLE = ProblemType(
    "request-not-transformable", "The body cannot be transformed as the policy demands", 400
)
RESPONSE_NOT_TRANSFORMABLE = ProblemType(
    "response-not-transformable", "The answer cannot be transformed and is withheld", 502
)
RESPONSE_NOT_MASKABLE = ProblemType(
    "response-not-maskable", "The answer cannot be masked and is withheld", 502
)
UPSTREAM_UNREACHABLE = ProblemType("upstream-unreachable", "The upstream cannot be reached", 502)
UPSTREAM_TIMEOUT = ProblemType("upstream-timeout", "The upstream did not answer in time", 504)
UPSTREAM_INVALID = ProblemType("upstream-invalid", "The upstream's answer is not valid HTTP", 502)
UPSTREAM_RESTING = ProblemType(
    "upstream-resting", "The upstream has failed and is left alone for a while", 503
)
LIMITS_AWAY = ProblemType("limits-away", "The shared counters cannot be reached", 503)
OVERLOADED = ProblemType("overloaded", "The gateway has too much to do", 503)
NOT_READY = ProblemType("not-ready", "The gateway has no snapshot yet", 503)

# generic mock
MOCK_FAILED = ProblemType("mock-failed", "The mock cannot make an answer", 501)

# command line
UNREACHABLE = ProblemType("unreachable", "The server cannot be reached", 503)
PORT_TAKEN = ProblemType("port-taken", "A port is already in use", 409)
NOT_SIGNED_IN = ProblemType("not-signed-in", "No credentials are configured", 401)


def problem_types() -> tuple[ProblemType, ...]:
    """Return every problem type, in the order of this file."""
    return tuple(value for value in globals().values() if isinstance(value, ProblemType))
