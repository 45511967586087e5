"""Trusted token issuers of an environment."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints
from sqlalchemy import select

from registry.api.wire import In, Moment, Out, PageOut, PageQuery, Slug, SlugPath, Whole, problems
from registry.db.models import Environment, TrustedIssuer
from registry.deps import SECURITY, IfMatch, Reading, Writing, etag, require_match
from registry.permissions import Permission
from registry.services import issuers
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["issuers"], dependencies=SECURITY)

Word = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=500)]
AlgorithmName = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
]  # fmt: skip


class IntrospectionIn(In):
    """Where gateways ask about opaque tokens (RFC 7662); each holds the secret by its name."""

    endpoint: Word
    client_id: Word
    secret: Slug
    cache_seconds: Whole = Field(default=60, ge=0, le=3600)


class IssuerIn(In):
    """An issuer to trust: its keys, or where gateways find them."""

    issuer: Word = Field(description="The `iss` of its tokens, to the letter.")
    audience: Word = Field(description="What `aud` of its tokens must name.")
    algorithms: list[AlgorithmName] = Field(min_length=1, max_length=11)
    jwks: dict[str, Any] | None = Field(default=None, description="A JWK Set, public keys only.")
    jwks_uri: Word | None = Field(default=None, description="Where its JWK Set is.")
    discovery: Word | None = Field(default=None, description="Where its metadata is.")
    introspection: IntrospectionIn | None = None
    max_age_seconds: Whole = Field(default=86_400, ge=60, le=2_592_000)


class IssuerOut(Out):
    """A trusted issuer."""

    environment: str
    name: str
    facts: dict[str, Any]
    revision: int
    created_at: Moment


@router.get(
    "/environments/{environment}/issuers", operation_id="listIssuers", responses=problems(404)
)
def list_issuers(work: Reading, environment: SlugPath, query: PageQuery) -> PageOut[IssuerOut]:
    """List the issuers that an environment trusts beside the registry's own."""
    work.require(Permission.CATALOG_READ)
    work.get(Environment, environment, "environment")
    found = select(TrustedIssuer).where(TrustedIssuer.environment == environment)
    rows = page(work.session, found, TrustedIssuer.name, limit=query.limit, cursor=query.cursor)
    return PageOut[IssuerOut].model_validate(rows, from_attributes=True)


@router.put(
    "/environments/{environment}/issuers/{issuer}",
    operation_id="trustIssuer",
    responses={
        201: {"model": IssuerOut, "description": "Created"},
        **problems(404, 409, 412, 428),
    },
)
def trust_issuer(
    work: Writing,
    environment: SlugPath,
    issuer: SlugPath,
    body: IssuerIn,
    response: Response,
    if_match: IfMatch = None,
) -> IssuerOut:
    """Trust an issuer, or replace what is known of it. What cannot be trusted is refused."""
    known = work.session.get(TrustedIssuer, (environment, issuer))
    if known is not None:
        require_match(if_match, known)
    facts = body.model_dump(exclude_none=True)
    row = issuers.write(work, environment, issuer, facts, known)
    response.headers["ETag"] = etag(row)
    if known is None:
        response.status_code = 201
    return IssuerOut.model_validate(row)


@router.delete(
    "/environments/{environment}/issuers/{issuer}",
    operation_id="distrustIssuer",
    status_code=204,
    responses=problems(404, 409),
)
def distrust_issuer(work: Writing, environment: SlugPath, issuer: SlugPath) -> None:
    """Trust an issuer no longer."""
    issuers.remove(work, work.get(TrustedIssuer, (environment, issuer), "issuer"))
