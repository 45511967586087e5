"""Environments, deployments, snapshots and policy files."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import Field
from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from policies.routing import Routing
from registry.api.wire import (
    ContractId,
    IdPath,
    In,
    Line,
    Moment,
    Out,
    PageOut,
    PageQuery,
    Slug,
    SlugPath,
    Text,
    Title,
    VersionName,
    problems,
)
from registry.db.models import Deployment, Environment, PolicyFile
from registry.deps import SECURITY, IfMatch, Reading, Writing, etag, require_match
from registry.permissions import Permission
from registry.services import runtime, snapshots
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["runtime"], dependencies=SECURITY)


_PORT = r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
_UPSTREAM = (
    r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:(" + _PORT + r"))?"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$"
)


class EnvironmentIn(In):
    """An environment to add."""

    name: Slug
    title: Title
    production: bool = Field(default=False, strict=True)


class EnvironmentOut(Out):
    """An environment."""

    name: str
    title: str
    production: bool
    revision: int
    created_at: Moment


class DeploymentIn(In):
    """A version to put behind a base path."""

    contract: ContractId
    version: VersionName
    upstream: str = Field(
        max_length=500, pattern=_UPSTREAM, description="Without query or fragment."
    )
    base_path: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$",
    )
    timeout_seconds: float = Field(default=30.0, gt=0, le=300, strict=True, allow_inf_nan=False)
    routing: Routing | None = Field(default=None, description="How it shares its base path.")


class DeploymentOut(Out):
    """A deployment."""

    id: str
    environment: str
    contract: str
    version: str
    upstream: str
    base_path: str
    timeout_seconds: float
    routing: Routing | None
    created_at: Moment


class PolicyIn(In):
    """A policy file."""

    document: Text


class PolicyOut(Out):
    """A policy file as it is stored."""

    name: str
    document: str
    revision: int
    created_at: Moment


class PolicyCheckIn(PolicyIn):
    """A draft of a policy file."""

    name: Slug = "draft"


class ExplainIn(In):
    """A call as far as it is known: who calls what, with which claims and header fields."""

    environment: Slug
    application: Line
    contract: Line = Field(description="`psa.projects`, or `psa.projects@2.0.0` for one version.")
    operation: Line
    scopes: list[Line] | None = Field(
        default=None, max_length=100, description="Of the token; the grant's where it is null."
    )
    claims: dict[Line, Line] = Field(default_factory=dict, max_length=100)
    headers: dict[Line, Line] = Field(default_factory=dict, max_length=100)


class PolicyTestIn(PolicyIn):
    """A draft of a policy file, and the calls that it is held against."""

    name: Slug = "draft"
    environment: Slug
    days: int = Field(default=7, ge=1, le=90, description="How far back calls count.")


class PolicyTestOut(Out):
    """What the draft would have changed for calls of these days."""

    calls: int
    changes: list[dict[str, Any]]


class PolicyCheckOut(Out):
    """Whether a draft compiles; `problem` is what a write would answer."""

    valid: bool
    warnings: list[str]
    problem: dict[str, Any] | None


@router.get("/environments", operation_id="listEnvironments", responses=problems())
def list_environments(work: Reading, query: PageQuery) -> PageOut[EnvironmentOut]:
    """List environments."""
    work.require(Permission.CATALOG_READ)
    rows = page(
        work.session,
        select(Environment),
        Environment.name,
        limit=query.limit,
        cursor=query.cursor,
    )
    return PageOut[EnvironmentOut].model_validate(rows, from_attributes=True)


@router.post(
    "/environments", operation_id="createEnvironment", status_code=201, responses=problems(409)
)
def create_environment(work: Writing, body: EnvironmentIn) -> EnvironmentOut:
    """Add an environment."""
    row = runtime.create_environment(work, body.name, body.title, body.production)
    return EnvironmentOut.model_validate(row)


@router.get(
    "/environments/{environment}/deployments",
    operation_id="listDeployments",
    responses=problems(404),
)
def list_deployments(
    work: Reading, environment: SlugPath, query: PageQuery
) -> PageOut[DeploymentOut]:
    """List what runs in an environment."""
    work.require(Permission.CATALOG_READ)
    work.get(Environment, environment, "environment")
    found = select(Deployment).where(Deployment.environment == environment)
    rows = page(work.session, found, Deployment.base_path, limit=query.limit, cursor=query.cursor)
    return PageOut[DeploymentOut].model_validate(rows, from_attributes=True)


@router.post(
    "/environments/{environment}/deployments",
    operation_id="recordDeployment",
    status_code=201,
    responses=problems(404, 409),
)
def record_deployment(work: Writing, environment: SlugPath, body: DeploymentIn) -> DeploymentOut:
    """Put a version behind a base path; the same again changes its upstream and routing."""
    row = runtime.deploy(
        work,
        environment,
        contract=body.contract,
        version=body.version,
        upstream=body.upstream,
        base_path=body.base_path,
        timeout_seconds=body.timeout_seconds,
        routing=body.routing,
    )
    return DeploymentOut.model_validate(row)


@router.delete(
    "/environments/{environment}/deployments/{deployment}",
    operation_id="removeDeployment",
    status_code=204,
    responses=problems(404, 409),
)
def remove_deployment(work: Writing, environment: SlugPath, deployment: IdPath) -> None:
    """Take a version out of an environment."""
    row = work.get(Deployment, deployment, "deployment")
    if row.environment != environment:
        raise TreatyError(
            catalog.NOT_FOUND, f"There is no deployment {deployment!r} in {environment}."
        )
    runtime.undeploy(work, row)


@router.get(
    "/environments/{environment}/snapshot",
    operation_id="getSnapshot",
    response_class=Response,
    responses={
        200: {
            "description": "The compiled snapshot",
            "content": {"application/json": {"schema": {"type": "object"}}},
            "headers": {"ETag": {"schema": {"type": "string"}, "required": True}},
        },
        304: {"description": "The gateway has this snapshot already"},
        **problems(404),
    },
)
def get_snapshot(
    work: Reading,
    environment: SlugPath,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match", max_length=300)] = None,
) -> Response:
    """Read what the gateways of an environment enforce."""
    work.require(Permission.SNAPSHOT_READ)
    work.get(Environment, environment, "environment")
    row = snapshots.newest(work, environment)
    if row is None:
        raise TreatyError(catalog.NOT_FOUND, f"{environment} has no snapshot yet.")
    tag = f'"{row.digest}"'
    wanted = {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}
    if tag in wanted:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(row.body, media_type="application/json", headers={"ETag": tag})


@router.get("/policies", operation_id="listPolicies", tags=["policies"], responses=problems())
def list_policies(work: Reading, query: PageQuery) -> PageOut[PolicyOut]:
    """List policy files."""
    work.require(Permission.CATALOG_READ)
    rows = page(
        work.session, select(PolicyFile), PolicyFile.name, limit=query.limit, cursor=query.cursor
    )
    return PageOut[PolicyOut].model_validate(rows, from_attributes=True)


@router.post("/policy-check", operation_id="checkPolicy", tags=["policies"], responses=problems())
def check_policy(work: Reading, body: PolicyCheckIn) -> PolicyCheckOut:
    """Compile every environment with a draft in place; nothing is stored."""
    try:
        warnings = runtime.check_policy(work, body.name, body.document)
    except TreatyError as error:
        return PolicyCheckOut(valid=False, warnings=[], problem=error.problem.as_json())
    return PolicyCheckOut(valid=True, warnings=warnings, problem=None)


@router.post("/policy-test", operation_id="testPolicy", tags=["policies"], responses=problems(404))
def test_policy(work: Reading, body: PolicyTestIn) -> PolicyTestOut:
    """Replay the ledger of the last days against a draft; nothing is stored."""
    name, document, environment, days = body.name, body.document, body.environment, body.days
    done = runtime.test_policy(work, name, document, environment, days)
    return PolicyTestOut(calls=done.calls, changes=done.rows)


@router.post("/explain", operation_id="explainCall", tags=["policies"], responses=problems(404))
def explain_call(work: Reading, body: ExplainIn) -> dict[str, Any]:
    """Show the decision of each rule on a call's way, with policy, file, line and pointer."""
    work.require(Permission.CATALOG_READ)
    return runtime.explain_call(work, body.environment, body.model_dump(exclude={"environment"}))


@router.get(
    "/policies/{policy}", operation_id="getPolicy", tags=["policies"], responses=problems(404)
)
def get_policy(work: Reading, policy: SlugPath, response: Response) -> PolicyOut:
    """Read a policy file."""
    work.require(Permission.CATALOG_READ)
    row = work.get(PolicyFile, policy, "policy file")
    response.headers["ETag"] = etag(row)
    return PolicyOut.model_validate(row)


@router.put(
    "/policies/{policy}",
    operation_id="writePolicy",
    tags=["policies"],
    responses={201: {"model": PolicyOut, "description": "Created"}, **problems(409, 412, 428)},
)
def write_policy(
    work: Writing, policy: SlugPath, body: PolicyIn, response: Response, if_match: IfMatch = None
) -> PolicyOut:
    """Create a policy file, or replace it. What does not compile is refused."""
    known = work.session.get(PolicyFile, policy)
    if known is not None:
        require_match(if_match, known)
    row = runtime.write_policy(work, policy, body.document, known)
    response.headers["ETag"] = etag(row)
    if known is None:
        response.status_code = 201
    return PolicyOut.model_validate(row)


@router.delete(
    "/policies/{policy}",
    operation_id="deletePolicy",
    tags=["policies"],
    status_code=204,
    responses=problems(404, 409),
)
def delete_policy(work: Writing, policy: SlugPath) -> None:
    """Remove a policy file."""
    runtime.delete_policy(work, work.get(PolicyFile, policy, "policy file"))
