"""Contracts, their versions, and judgements of drafts."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import select

from contracts.compat.mode import Mode, Policy, Profile
from registry.api.wire import (
    ContractPath,
    In,
    Line,
    Moment,
    NumberedQuery,
    Out,
    PageOut,
    Paging,
    Slug,
    Text,
    Title,
    VersionName,
    VersionPath,
    problems,
)
from registry.db.models import Content, ContractRow, VersionRow
from registry.deps import SECURITY, IfMatch, Reading, Writing, etag, require_match
from registry.permissions import Permission
from registry.services import contracts, judging, publish, reports
from registry.services.listing import page

router = APIRouter(prefix="/v1/contracts", tags=["contracts"], dependencies=SECURITY)
Format = Literal["openapi", "json-schema", "asyncapi"]
State = Literal["published", "deprecated", "sunset", "retired"]


class ContractIn(In):
    """A contract to add to a service."""

    service: Slug
    name: Slug
    title: Line = ""
    format: Format = "openapi"
    compatibility: Mode = Mode.BACKWARD
    profile: Profile = Field(
        default=Profile.CONTAINMENT,
        description="Whose rules decide; those of other registries know JSON Schemas only.",
    )
    policy: Policy | None = Field(
        default=None,
        description="How open content models are read. "
        "Default: to the letter (`strict`) for JSON Schemas, `lenient` elsewhere.",
    )


class ContractChange(In):
    """What can be changed of a contract."""

    title: Title | None = None
    compatibility: Mode | None = None
    profile: Profile | None = None
    policy: Policy | None = None


class ContractOut(Out):
    """A contract."""

    id: str
    service: str
    name: str
    title: str
    format: str
    compatibility: str
    profile: str
    policy: str
    revision: int
    created_at: Moment

    @model_validator(mode="before")
    @classmethod
    def _with_policy(cls, row: Any) -> Any:
        """Show the policy in force where the row leaves it to the format."""
        members = {name: getattr(row, name) for name in cls.model_fields}
        return members | {"policy": judging.terms_of(row).policy.value}


class ContractQuery(Paging):
    """Filters of the contract list."""

    model_config = ConfigDict(extra="forbid")
    service: Slug | None = None
    format: Format | None = None
    q: Line | None = Field(default=None, description="A part of the id or title.")


class PublishIn(In):
    """A text to publish."""

    content: Text = Field(description="The contract, YAML or JSON, at most 25 MB.")
    source: Line = Field(default="contract.yaml", description="The file name that reports show.")
    version: VersionName | None = Field(default=None, description="Default: `info.version`.")
    baseline: bool = Field(
        default=False, strict=True, description="Record validation issues instead of refusing."
    )
    allow_breaking_reason: Title | None = Field(
        default=None, description="For administrators; audited."
    )


class CheckIn(In):
    """A draft to judge."""

    content: Text
    source: Line = "contract.yaml"
    against: VersionName = "latest"


class StateIn(In):
    """A step in a version's life."""

    state: State
    deprecated_at: Moment | None = None
    sunset_at: Moment | None = None
    successor: VersionName | None = None


class VersionOut(Out):
    """A published version."""

    contract: str
    version: str
    digest: str
    state: str
    deprecated_at: Moment | None
    sunset_at: Moment | None
    successor: str | None
    published_at: Moment
    published_by: str


class PublicationOut(VersionOut):
    """What publishing did."""

    unchanged: bool
    report: dict[str, Any] | None
    permalink: str | None = Field(description="Where the report is kept.")
    baseline: list[dict[str, Any]]
    url: str


class VersionDetail(VersionOut):
    """A version with its judgement and its known issues."""

    report: dict[str, Any] | None
    permalink: str | None = Field(default=None, description="Where the report is kept.")
    baseline: list[dict[str, Any]]


@router.get("", operation_id="listContracts", responses=problems())
def list_contracts(work: Reading, query: Annotated[ContractQuery, Query()]) -> PageOut[ContractOut]:
    """List contracts."""
    work.require(Permission.CATALOG_READ)
    found = select(ContractRow)
    if query.service:
        found = found.where(ContractRow.service == query.service)
    if query.format:
        found = found.where(ContractRow.format == query.format)
    if query.q:
        like = ContractRow.id.icontains(query.q, autoescape=True)
        found = found.where(like | ContractRow.title.icontains(query.q, autoescape=True))
    rows = page(work.session, found, ContractRow.id, limit=query.limit, cursor=query.cursor)
    return PageOut[ContractOut].model_validate(rows, from_attributes=True)


@router.post("", operation_id="createContract", status_code=201, responses=problems(404, 409))
def create_contract(work: Writing, body: ContractIn, response: Response) -> ContractOut:
    """Add a contract to a service; its id is `service.name`."""
    row = contracts.create_contract(work, body.model_dump(mode="json"))
    response.headers.update({"Location": f"/v1/contracts/{row.id}", "ETag": etag(row)})
    return ContractOut.model_validate(row)


@router.get("/{contract}", operation_id="getContract", responses=problems(404))
def get_contract(work: Reading, contract: ContractPath, response: Response) -> ContractOut:
    """Read a contract."""
    work.require(Permission.CATALOG_READ)
    row = work.get(ContractRow, contract, "contract")
    response.headers["ETag"] = etag(row)
    return ContractOut.model_validate(row)


@router.patch("/{contract}", operation_id="updateContract", responses=problems(404, 409, 412, 428))
def update_contract(
    work: Writing,
    contract: ContractPath,
    body: ContractChange,
    response: Response,
    if_match: IfMatch = None,
) -> ContractOut:
    """Change a contract's title or compatibility mode."""
    row = work.get(ContractRow, contract, "contract")
    require_match(if_match, row)
    changes = body.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    row = contracts.update_contract(work, row, changes)
    response.headers["ETag"] = etag(row)
    return ContractOut.model_validate(row)


@router.post("/{contract}/check", operation_id="checkDraft", responses=problems(404))
def check_draft(work: Reading, contract: ContractPath, body: CheckIn) -> dict[str, Any]:
    """Judge a draft against a stored version; nothing is stored."""
    return publish.check(
        work, contract, body.content.encode(), body.source or "contract.yaml", body.against
    )


@router.get("/{contract}/versions", operation_id="listVersions", responses=problems(404))
def list_versions(
    work: Reading, contract: ContractPath, query: NumberedQuery
) -> PageOut[VersionOut]:
    """List the versions of a contract in the order of publishing."""
    work.require(Permission.CATALOG_READ)
    work.get(ContractRow, contract, "contract")
    found = select(VersionRow).where(VersionRow.contract == contract)
    rows = page(work.session, found, VersionRow.sequence, limit=query.limit, cursor=query.cursor)
    return PageOut[VersionOut].model_validate(rows, from_attributes=True)


@router.post(
    "/{contract}/versions",
    operation_id="publishVersion",
    status_code=201,
    responses={
        200: {"model": PublicationOut, "description": "The same content is published already"},
        **problems(404, 409),
    },
)
def publish_version(
    work: Writing, contract: ContractPath, body: PublishIn, response: Response
) -> PublicationOut:
    """Publish a version. The same bytes again are a no-op that says so."""
    done = publish.publish(
        work,
        contract,
        publish.Submission(
            content=body.content.encode(),
            source=body.source or "contract.yaml",
            version=body.version,
            baseline=body.baseline,
            allow_breaking_reason=body.allow_breaking_reason,
        ),
    )
    url = f"/v1/contracts/{contract}/versions/{done.version.version}"
    response.headers["Location"] = url
    if done.unchanged:
        response.status_code = 200
    return PublicationOut(
        **VersionOut.model_validate(done.version).model_dump(),
        unchanged=done.unchanged,
        report=done.judgement.as_json() if done.judgement else None,
        permalink=_link(done.report),
        baseline=[issue.as_json() for issue in done.issues],
        url=url,
    )


def _link(report: str | None) -> str | None:
    return f"/v1/reports/{report}" if report else None


@router.get("/{contract}/versions/{version}", operation_id="getVersion", responses=problems(404))
def get_version(work: Reading, contract: ContractPath, version: VersionPath) -> VersionDetail:
    """Read a version."""
    row = publish.find(work, contract, version)
    detail = VersionDetail.model_validate(row)
    detail.permalink = _link(reports.of_publication(work, contract, row.version))
    return detail


@router.get(
    "/{contract}/versions/{version}/content",
    operation_id="getContent",
    response_class=Response,
    responses={
        200: {
            "description": "The text as it was published",
            "content": {
                "application/yaml": {"schema": {}},
                "application/json": {"schema": {}},
            },
            "headers": {"ETag": {"schema": {"type": "string"}, "required": True}},
        },
        **problems(404),
    },
)
def get_content(work: Reading, contract: ContractPath, version: VersionPath) -> Response:
    """Read the text of a version, byte for byte."""
    row = publish.find(work, contract, version)
    content = work.get(Content, row.digest, "content")
    is_json = content.text.lstrip()[:1] in (b"{", b"[")
    return Response(
        content.text,
        media_type="application/json" if is_json else "application/yaml",
        headers={"ETag": f'"{row.digest}"', "X-Contract-Version": row.version},
    )


@router.post(
    "/{contract}/versions/{version}/state", operation_id="changeState", responses=problems(404, 409)
)
def change_state(
    work: Writing, contract: ContractPath, version: VersionPath, body: StateIn
) -> VersionOut:
    """Deprecate, sunset or retire a version."""
    row = contracts.change_state(
        work,
        publish.find(work, contract, version),
        body.state,
        deprecated_at=body.deprecated_at,
        sunset_at=body.sunset_at,
        successor=body.successor,
    )
    return VersionOut.model_validate(row)
