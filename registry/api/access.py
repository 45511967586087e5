"""Applications, credentials, grants and API tokens."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field
from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from registry.api.wire import (
    ContractId,
    IdPath,
    In,
    Moment,
    Out,
    PageOut,
    PageQuery,
    Paging,
    Scope,
    Slug,
    SlugPath,
    Title,
    VersionName,
    Whole,
    problems,
)
from registry.db.models import ApiToken, Application, Credential, Grant
from registry.deps import SECURITY, IfMatch, Reading, Writing, etag, require_match
from registry.permissions import Permission
from registry.services import access
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["access"], dependencies=SECURITY)
Lifetime = Annotated[Whole, Field(ge=60, le=86_400)]
TokenRole = Literal["admin", "publisher", "consumer", "auditor", "gateway"]


class ApplicationIn(In):
    """An application to add; its id is the OAuth client id."""

    id: Slug
    name: Title
    team: Slug
    token_lifetime_seconds: Lifetime = 3600


class ApplicationChange(In):
    """What can be changed of an application."""

    name: Title | None = None
    token_lifetime_seconds: Lifetime | None = None


class ApplicationOut(Out):
    """An application."""

    id: str
    name: str
    team: str
    token_lifetime_seconds: int
    revision: int
    created_at: Moment


class CredentialIn(In):
    """A credential to make."""

    kind: Literal["client-secret", "api-key"]
    expires_at: Moment | None = None


class CredentialOut(Out):
    """A credential, without its secret."""

    id: str
    application: str
    kind: str
    prefix: str
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None


class NewCredentialOut(CredentialOut):
    """A credential and its secret, which is shown this once."""

    secret: str


class GrantIn(In):
    """A grant to ask for."""

    application: Slug
    contract: ContractId
    plan: Slug
    environment: Slug
    scopes: list[Scope] = Field(max_length=100)
    expires_at: Moment | None = None
    version: VersionName | None = Field(
        default=None, description="What an unversioned base path means for the application."
    )


class GrantOut(Out):
    """A grant and where it stands."""

    id: str
    application: str
    contract: str
    plan: str
    environment: str
    scopes: list[str]
    state: str
    expires_at: Moment | None
    requested_at: Moment
    requested_by: str
    decided_at: Moment | None
    decided_by: str | None
    reason: str | None
    version: str | None


class GrantQuery(Paging):
    """Filters of the grant list."""

    model_config = ConfigDict(extra="forbid")
    application: Slug | None = None
    contract: ContractId | None = None
    environment: Slug | None = None
    state: Literal["requested", "approved", "denied", "revoked"] | None = None


class Decision(In):
    """Why."""

    reason: Title | None = None


class TokenIn(In):
    """An API token to make. Without `permissions` it has those of its role."""

    name: Title
    role: TokenRole = "consumer"
    team: Slug | None = None
    permissions: list[Permission] = Field(default=[], max_length=50)
    expires_at: Moment | None = None


class TokenOut(Out):
    """An API token, without its secret."""

    id: str
    name: str
    role: str
    team: str | None
    permissions: list[str]
    created_at: Moment
    created_by: str
    expires_at: Moment | None
    revoked_at: Moment | None


class NewTokenOut(TokenOut):
    """An API token and its secret, which is shown this once."""

    token: str


@router.get("/applications", operation_id="listApplications", responses=problems())
def list_applications(work: Reading, query: PageQuery) -> PageOut[ApplicationOut]:
    """List applications."""
    work.require(Permission.CATALOG_READ)
    rows = page(
        work.session, select(Application), Application.id, limit=query.limit, cursor=query.cursor
    )
    return PageOut[ApplicationOut].model_validate(rows, from_attributes=True)


@router.post(
    "/applications", operation_id="createApplication", status_code=201, responses=problems(404, 409)
)
def create_application(work: Writing, body: ApplicationIn, response: Response) -> ApplicationOut:
    """Add an application."""
    row = access.create_application(work, body.model_dump())
    response.headers.update({"Location": f"/v1/applications/{row.id}", "ETag": etag(row)})
    return ApplicationOut.model_validate(row)


@router.get("/applications/{application}", operation_id="getApplication", responses=problems(404))
def get_application(work: Reading, application: SlugPath, response: Response) -> ApplicationOut:
    """Read an application."""
    work.require(Permission.CATALOG_READ)
    row = work.get(Application, application, "application")
    response.headers["ETag"] = etag(row)
    return ApplicationOut.model_validate(row)


@router.patch(
    "/applications/{application}",
    operation_id="updateApplication",
    responses=problems(404, 409, 412, 428),
)
def update_application(
    work: Writing,
    application: SlugPath,
    body: ApplicationChange,
    response: Response,
    if_match: IfMatch = None,
) -> ApplicationOut:
    """Change an application."""
    row = work.get(Application, application, "application")
    require_match(if_match, row)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    row = access.update_application(work, row, changes)
    response.headers["ETag"] = etag(row)
    return ApplicationOut.model_validate(row)


@router.get(
    "/applications/{application}/credentials",
    operation_id="listCredentials",
    responses=problems(404),
)
def list_credentials(
    work: Reading, application: SlugPath, query: PageQuery
) -> PageOut[CredentialOut]:
    """List the credentials of an application."""
    row = work.get(Application, application, "application")
    work.require(Permission.APPLICATION_WRITE, row.team)
    found = select(Credential).where(Credential.application == application)
    rows = page(work.session, found, Credential.id, limit=query.limit, cursor=query.cursor)
    return PageOut[CredentialOut].model_validate(rows, from_attributes=True)


@router.post(
    "/applications/{application}/credentials",
    operation_id="createCredential",
    status_code=201,
    responses=problems(404, 409),
)
def create_credential(
    work: Writing, application: SlugPath, body: CredentialIn, response: Response
) -> NewCredentialOut:
    """Make a client secret or an API key; it is shown this once."""
    owner = work.get(Application, application, "application")
    row, secret = access.create_credential(work, owner, body.kind, body.expires_at)
    response.headers["Cache-Control"] = "no-store"
    return NewCredentialOut(**CredentialOut.model_validate(row).model_dump(), secret=secret)


@router.delete(
    "/applications/{application}/credentials/{credential}",
    operation_id="revokeCredential",
    status_code=204,
    responses=problems(404),
)
def revoke_credential(work: Writing, application: SlugPath, credential: IdPath) -> None:
    """End a credential."""
    owner = work.get(Application, application, "application")
    row = work.get(Credential, credential, "credential")
    if row.application != owner.id:
        raise TreatyError(
            catalog.NOT_FOUND, f"There is no credential {credential!r} of {application}."
        )
    access.revoke_credential(work, owner, row)


@router.get("/grants", operation_id="listGrants", responses=problems())
def list_grants(work: Reading, query: Annotated[GrantQuery, Query()]) -> PageOut[GrantOut]:
    """List grants."""
    work.require(Permission.CATALOG_READ)
    found = select(Grant)
    for name in ("application", "contract", "environment", "state"):
        wanted = getattr(query, name)
        if wanted is not None:
            found = found.where(getattr(Grant, name) == wanted)
    rows = page(work.session, found, Grant.id, limit=query.limit, cursor=query.cursor)
    return PageOut[GrantOut].model_validate(rows, from_attributes=True)


@router.post("/grants", operation_id="requestGrant", status_code=201, responses=problems(404, 409))
def request_grant(work: Writing, body: GrantIn) -> GrantOut:
    """Ask for a grant. A plan that needs no approval grants at once."""
    return GrantOut.model_validate(access.request_grant(work, body.model_dump()))


@router.get("/grants/{grant}", operation_id="getGrant", responses=problems(404))
def get_grant(work: Reading, grant: IdPath) -> GrantOut:
    """Read a grant."""
    work.require(Permission.CATALOG_READ)
    return GrantOut.model_validate(work.get(Grant, grant, "grant"))


@router.post("/grants/{grant}/approve", operation_id="approveGrant", responses=problems(404, 409))
def approve_grant(work: Writing, grant: IdPath, body: Decision | None = None) -> GrantOut:
    """Approve a requested grant."""
    return _decided(work, grant, "approved", body)


@router.post("/grants/{grant}/deny", operation_id="denyGrant", responses=problems(404, 409))
def deny_grant(work: Writing, grant: IdPath, body: Decision | None = None) -> GrantOut:
    """Deny a requested grant."""
    return _decided(work, grant, "denied", body)


@router.post("/grants/{grant}/revoke", operation_id="revokeGrant", responses=problems(404, 409))
def revoke_grant(work: Writing, grant: IdPath, body: Decision | None = None) -> GrantOut:
    """Revoke an approved grant."""
    return _decided(work, grant, "revoked", body)


def _decided(work: Writing, grant: str, state: str, body: Decision | None) -> GrantOut:
    row = work.get(Grant, grant, "grant")
    return GrantOut.model_validate(access.decide(work, row, state, body.reason if body else None))


@router.get("/tokens", operation_id="listTokens", responses=problems())
def list_tokens(work: Reading, query: PageQuery) -> PageOut[TokenOut]:
    """List API tokens."""
    work.require(Permission.TOKEN_ADMIN)
    rows = page(work.session, select(ApiToken), ApiToken.id, limit=query.limit, cursor=query.cursor)
    return PageOut[TokenOut].model_validate(rows, from_attributes=True)


@router.post("/tokens", operation_id="createToken", status_code=201, responses=problems(404, 409))
def create_token(work: Writing, body: TokenIn, response: Response) -> NewTokenOut:
    """Make an API token; it is shown this once."""
    row, token = access.create_token(
        work,
        body.name,
        body.role,
        body.team,
        [entry.value for entry in body.permissions],
        body.expires_at,
    )
    response.headers["Cache-Control"] = "no-store"
    return NewTokenOut(**TokenOut.model_validate(row).model_dump(), token=token)


@router.delete(
    "/tokens/{token}", operation_id="revokeToken", status_code=204, responses=problems(404)
)
def revoke_token(work: Writing, token: IdPath) -> None:
    """End an API token."""
    access.revoke_token(work, work.get(ApiToken, token, "token"))
