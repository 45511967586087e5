"""Which check sees an edit, or why none needs to; the first row that matches decides.

A row names locations and edits by patterns (`*` stands for anything). A test makes every edit and
sees that the check reports it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from contracts.compat.coverage.locations import Edit, Location, edits, locations

CONTAINMENT = "containment"
_PROSE = "words for people; nothing of it is on the wire"
_USED = "compared at every place that refers to it"
_SAMPLE = "an example; what is accepted is the schema's matter"
_CALL = "callbacks{}/{$request.query.u}"
_SERVICE = "the service writes it and may write less than it may; readers decode both forms"


@dataclass(frozen=True, slots=True)
class Row:
    """A decision for locations and edits; `check` is a check id, CONTAINMENT, or empty."""

    where: str
    edit: str
    check: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One edit at one location, and the row that decides it (None is an unexplained gap)."""

    location: Location
    edit: Edit
    row: Row | None


def _waive(where: str, reason: str, edit: str = "*") -> Row:
    return Row(where, edit, "", reason)


def _incoming(where: str, edit: str, check: str) -> tuple[Row, Row]:
    """Return rows for calls that the service makes: webhooks and callbacks."""
    return (
        Row(f"webhooks{{}}/{where}", edit, check),
        Row(f"*callbacks{{}}/*/{where}", edit, check),
    )


def _idle(where: str, reason: str, edit: str = "*") -> tuple[Row, Row]:
    return (
        Row(f"webhooks{{}}/{where}", edit, "", reason),
        Row(f"*callbacks{{}}/*/{where}", edit, "", reason),
    )


_WORDS: tuple[Row, ...] = (
    Row("*headers{}/style", "changed", "", "a header has one style only"),
    _waive("paths*headers{}/style", "a header has one style only"),
    _waive("webhooks{}/post/re*headers{}/style", "a header has one style only"),
    Row("webhooks{}/*callbacks*", "*", "part-undecided"),
    Row("*callbacks{}/*callbacks", "*", "part-undecided"),
    _waive("*parameters()/content{}/encoding*", "only parts of forms have an encoding"),
    _waive("*headers{}/content{}/encoding*", "only parts of forms have an encoding"),
    Row("*/schema", "*", CONTAINMENT),
    *(
        _waive(f"*{name}", _PROSE)
        for name in ("description", "summary", "externalDocs", "bearerFormat")
    ),
    *(_waive(f"*/{name}", _SAMPLE) for name in ("example", "examples")),
    _waive("info", "the document's own data; `semver` judges the version"),
    _waive("info/*", "the document's own data; `semver` judges the version"),
    _waive("tags*", "tags of operations are compared; their texts are for people"),
    _waive("openapi", "how the document is written; both sides are read by their own version"),
    _waive("jsonSchemaDialect", "a schema of another dialect shows in what it accepts"),
    Row("*$ref", "changed", "", "leads nowhere before and after; followed where it leads anywhere"),
    Row("*$ref", "*", "part-undecided"),
    Row("*/links{}/server", "*", "link-changed"),
)
_CONTRACT: tuple[Row, ...] = (
    _waive("components", _USED),
    Row("components/securitySchemes", "member added", "security-scheme-added"),
    Row("components/securitySchemes", "member removed", "security-scheme-removed"),
    Row("components/*/scopes", "member added", "oauth-scope-declared"),
    Row("components/*/scopes", "member removed", "oauth-scope-undeclared"),
    Row("components/*/openIdConnectUrl", "*", "security-scheme-changed"),
    Row("components/*Url", "set", "", "more is announced; nothing that was there is lost"),
    Row("components/*Url", "*", "oauth-address-changed"),
    _waive(
        "components/securitySchemes{}/flows",
        "an object without flows offers none; each flow is compared",
    ),
    Row("components/*/flows/*", "added", "oauth-flow-added"),
    Row("components/*/flows/*", "removed", "oauth-flow-removed"),
    Row("components/securitySchemes{}/*", "*", "security-scheme-changed"),
    _waive("components/*", _USED),
    Row("*servers", "element added", "server-added"),
    Row("*servers", "element removed", "server-removed"),
    Row("*/url", "changed", "base-path-changed"),
    Row("*/variables{}/enum", "element added", "server-variable-value-added"),
    Row("*/variables{}/enum", "element removed", "server-variable-value-removed"),
    Row("*/variables{}/default", "changed", "server-variable-default-changed"),
    _waive("*/variables", "a variable speaks through its place in the URL, which is compared"),
    *_idle("*security", "credentials that consumers need not ask for", "set"),
    *_incoming("*security", "*", "callback-security-changed"),
    Row("*security", "set", "security-added"),
    Row("*security", "unset", "security-removed"),
    Row("*security", "alternative added", "security-loosened"),
    Row("*security", "alternative removed", "security-tightened"),
    Row("*security", "scheme added", "security-tightened"),
    Row("*security", "scheme removed", "security-loosened"),
    Row("*security", "scope added", "security-scope-required"),
    Row("*security", "scope removed", "security-scope-released"),
)
_OPERATIONS: tuple[Row, ...] = (
    Row("paths", "member added", "operation-added"),
    Row("paths", "member removed", "operation-removed"),
    Row("webhooks", "member added", "webhook-added"),
    Row("webhooks", "member removed", "webhook-removed"),
    Row("*callbacks", "member added", "callback-added"),
    Row("*callbacks", "member removed", "callback-removed"),
    Row(f"*{_CALL}", "added", "callback-added"),
    Row(f"*{_CALL}", "removed", "callback-removed"),
    *(
        row
        for method in ("get", "put", "post", "delete", "options", "head", "patch", "trace")
        for row in (
            Row(f"webhooks{{}}/{method}", "added", "webhook-added"),
            Row(f"webhooks{{}}/{method}", "removed", "webhook-removed"),
            Row(f"*{_CALL}/{method}", "added", "callback-added"),
            Row(f"*{_CALL}/{method}", "removed", "callback-removed"),
            Row(f"paths{{}}/{method}", "added", "operation-added"),
            Row(f"paths{{}}/{method}", "removed", "operation-removed"),
        )
    ),
    Row("*/tags", "element added", "operation-tag-added"),
    Row("*/tags", "element removed", "operation-tag-removed"),
    Row("*/links{}/*", "*", "link-changed"),
    Row("*/links", "member added", "link-added"),
    Row("*/links", "member removed", "link-removed"),
    Row("*/operationId", "*", "operation-id-changed"),
    Row("*/x-sunset", "set", "", "a date is added to a deprecation; nothing promised is taken"),
    Row("*/x-sunset", "unset", "sunset-deleted"),
    Row("*/x-sunset", "changed", "sunset-brought-forward"),
    Row("*/x-stability-level", "changed", "stability-decreased"),
    Row("*/x-stability-level", "*", "", "no level counts as stable, so both say the same"),
    Row("*parameters()/deprecated", "set", "parameter-deprecated"),
    Row("*parameters()/deprecated", "unset", "parameter-reactivated"),
    Row("*headers{}/deprecated", "set", "header-deprecated"),
    Row("*headers{}/deprecated", "unset", "header-reactivated"),
    Row("*/deprecated", "set", "operation-deprecated-without-sunset"),
    Row("*/deprecated", "unset", "operation-reactivated"),
)
_PARAMETERS: tuple[Row, ...] = (
    *_incoming("*parameters", "element added", "callback-parameter-added"),
    *_incoming("*parameters", "element removed", "optional-callback-parameter-removed"),
    *_incoming("*parameters()/name", "changed", "optional-callback-parameter-removed"),
    *_idle("*parameters()/allow*", _SERVICE),
    Row("*parameters", "element added", "optional-parameter-added"),
    Row("*parameters", "element removed", "parameter-removed"),
    Row("*parameters()/name", "changed", "parameter-removed"),
    Row("*parameters()/in", "changed", "parameter-location-changed"),
    Row("*parameters()/required", "set", "parameter-became-required"),
    Row("*parameters()/required", "unset", "parameter-became-optional"),
    Row("*parameters()/allowEmptyValue", "set", "empty-parameter-allowed"),
    Row("*parameters()/allowEmptyValue", "unset", "empty-parameter-refused"),
    Row("*parameters()/allowReserved", "set", "reserved-characters-allowed"),
    Row("*parameters()/allowReserved", "unset", "reserved-characters-refused"),
    Row("*parameters()/style", "*", "parameter-serialisation-changed"),
    Row("*parameters()/explode", "*", "parameter-serialisation-changed"),
)
_BODIES: tuple[Row, ...] = (
    *_incoming("*/requestBody", "added", "callback-body-added"),
    *_incoming("*/requestBody", "removed", "callback-body-removed"),
    *_incoming("*/requestBody/content", "*added", "callback-media-type-added"),
    *_incoming("*/requestBody/content", "*removed", "callback-media-type-removed"),
    *_incoming("*/responses{}/content", "member added", "request-media-type-added"),
    *_incoming("*/responses{}/content", "member removed", "request-media-type-removed"),
    *_incoming("*/responses{}/content", "first member added", "callback-answer-body-added"),
    *_idle("*/responses{}/content", "the service reads less than it did", "last member removed"),
    *_idle("*/responses", "any error may be answered to a call", "member 404 *"),
    Row("*/requestBody", "added", "optional-request-body-added"),
    Row("*/requestBody", "removed", "request-body-removed"),
    Row("*/requestBody/required", "set", "request-body-became-required"),
    Row("*/requestBody/required", "unset", "request-body-became-optional"),
    Row("*/requestBody/content", "*added", "request-media-type-added"),
    Row("*/requestBody/content", "*removed", "request-media-type-removed"),
    Row("*/responses", "member 201 added", "response-success-status-added"),
    Row("*/responses", "member 201 removed", "response-success-status-removed"),
    Row("*/responses", "member 404 added", "response-error-status-added"),
    Row("*/responses", "member 404 removed", "response-error-status-removed"),
    Row("*/responses{}/content", "first member added", "response-body-added"),
    Row("*/responses{}/content", "last member removed", "response-body-removed"),
    Row("*/responses{}/content", "member added", "response-media-type-added"),
    Row("*/responses{}/content", "member removed", "response-media-type-removed"),
    Row("*/headers", "member added", "response-header-added"),
    Row("*/headers", "member removed", "response-header-removed"),
    Row("*headers{}/required", "set", "response-header-became-required"),
    Row("*headers{}/required", "unset", "response-header-became-optional"),
    Row("*headers{}/explode", "*", "header-serialisation-changed"),
    Row("*/encoding", "*", "part-serialisation-changed"),
    Row("*/encoding{}/contentType", "*", "part-content-type-added"),
    Row("*/encoding{}/*", "*", "part-serialisation-changed"),
)
ROWS: tuple[Row, ...] = (*_WORDS, *_CONTRACT, *_OPERATIONS, *_PARAMETERS, *_BODIES)


def decisions() -> Iterator[Decision]:
    """Yield every edit at every location with the row that decides it."""
    for location in locations():
        name = location.name
        rows = [row for row in ROWS if fnmatchcase(name, row.where)]
        for edit in edits(location.field):
            found = next((row for row in rows if fnmatchcase(edit.name, row.edit)), None)
            yield Decision(location, edit, found)
