"""Teams, people and services."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field
from sqlalchemy import String, cast, select

from registry.api.wire import (
    Id,
    In,
    Line,
    Moment,
    Out,
    PageOut,
    PageQuery,
    Paging,
    Slug,
    SlugPath,
    Title,
    problems,
)
from registry.db.models import Person, Service, Team
from registry.deps import SECURITY, IfMatch, Reading, Writing, etag, require_match
from registry.permissions import Permission
from registry.services import catalog
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["catalog"], dependencies=SECURITY)
Role = Literal["admin", "publisher", "consumer", "auditor"]
Kind = Literal["crm", "erp", "psa", "tracker", "portal", "other"]
Criticality = Literal["low", "medium", "high", "critical"]


class TeamIn(In):
    """A team to add."""

    name: Slug
    title: Title


class TeamOut(Out):
    """A team."""

    name: str
    title: str
    revision: int
    created_at: Moment


class PersonIn(In):
    """A person to add."""

    name: Title
    email: str | None = Field(default=None, max_length=200, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")
    role: Role


class PersonOut(Out):
    """A person."""

    id: str
    name: str
    email: str | None
    role: str
    created_at: Moment


class MemberIn(In):
    """Who joins a team."""

    person: Id


class Link(In):
    """A link beside a service."""

    title: Title
    url: str = Field(max_length=500, pattern=r"^https?://[^\s\x00-\x20\x7f]+$")


class ServiceChange(In):
    """What can be changed of a service."""

    title: Title | None = None
    kind: Kind | None = None
    domain: Line | None = None
    owner: Slug | None = None
    criticality: Criticality | None = None
    system_of_record: list[Line] | None = Field(default=None, max_length=50)
    tags: list[Slug] | None = Field(default=None, max_length=50)
    links: list[Link] | None = Field(default=None, max_length=50)


class ServiceIn(In):
    """A service to add."""

    name: Slug
    title: Title
    kind: Kind = "other"
    domain: Line = ""
    owner: Slug
    criticality: Criticality = "medium"
    system_of_record: list[Line] = Field(default=[], max_length=50)
    tags: list[Slug] = Field(default=[], max_length=50)
    links: list[Link] = Field(default=[], max_length=50)


class ServiceOut(Out):
    """A catalog entry."""

    name: str
    title: str
    kind: str
    domain: str
    owner: str
    criticality: str
    system_of_record: list[str]
    tags: list[str]
    links: list[Link]
    revision: int
    created_at: Moment


class ServiceQuery(Paging):
    """Filters of the service list."""

    model_config = ConfigDict(extra="forbid")
    owner: Slug | None = None
    kind: Kind | None = None
    tag: Slug | None = None
    q: Line | None = Field(default=None, description="A part of the name or title.")


@router.get("/teams", operation_id="listTeams", responses=problems())
def list_teams(work: Reading, query: PageQuery) -> PageOut[TeamOut]:
    """List teams."""
    work.require(Permission.CATALOG_READ)
    found = page(work.session, select(Team), Team.name, limit=query.limit, cursor=query.cursor)
    return PageOut[TeamOut].model_validate(found, from_attributes=True)


@router.post("/teams", operation_id="createTeam", status_code=201, responses=problems(409))
def create_team(work: Writing, body: TeamIn, response: Response) -> TeamOut:
    """Add a team."""
    row = catalog.create_team(work, body.name, body.title)
    response.headers["Location"] = f"/v1/teams/{row.name}"
    return TeamOut.model_validate(row)


@router.get("/teams/{team}", operation_id="getTeam", responses=problems(404))
def get_team(work: Reading, team: SlugPath) -> TeamOut:
    """Read a team."""
    work.require(Permission.CATALOG_READ)
    return TeamOut.model_validate(work.get(Team, team, "team"))


@router.get("/teams/{team}/members", operation_id="listMembers", responses=problems(404))
def list_members(work: Reading, team: SlugPath) -> PageOut[PersonOut]:
    """List the people of a team."""
    people = catalog.members(work, team)
    return PageOut(items=[PersonOut.model_validate(person) for person in people], next=None)


@router.post(
    "/teams/{team}/members", operation_id="addMember", status_code=204, responses=problems(404)
)
def add_member(work: Writing, team: SlugPath, body: MemberIn) -> None:
    """Put a person into a team."""
    catalog.add_member(work, team, body.person)


@router.get("/people", operation_id="listPeople", responses=problems())
def list_people(work: Reading, query: PageQuery) -> PageOut[PersonOut]:
    """List people."""
    work.require(Permission.CATALOG_READ)
    found = page(work.session, select(Person), Person.id, limit=query.limit, cursor=query.cursor)
    return PageOut[PersonOut].model_validate(found, from_attributes=True)


@router.post("/people", operation_id="createPerson", status_code=201, responses=problems())
def create_person(work: Writing, body: PersonIn) -> PersonOut:
    """Add a person."""
    return PersonOut.model_validate(catalog.create_person(work, body.name, body.email, body.role))


@router.get("/services", operation_id="listServices", responses=problems())
def list_services(work: Reading, query: Annotated[ServiceQuery, Query()]) -> PageOut[ServiceOut]:
    """List services."""
    work.require(Permission.CATALOG_READ)
    found = select(Service)
    if query.owner:
        found = found.where(Service.owner == query.owner)
    if query.kind:
        found = found.where(Service.kind == query.kind)
    if query.tag:
        # Slugs hold no quotes, so the JSON text tells entries apart on every database.
        found = found.where(cast(Service.tags, String).contains(f'"{query.tag}"', autoescape=True))
    if query.q:
        like = Service.name.icontains(query.q, autoescape=True)
        found = found.where(like | Service.title.icontains(query.q, autoescape=True))
    rows = page(work.session, found, Service.name, limit=query.limit, cursor=query.cursor)
    return PageOut[ServiceOut].model_validate(rows, from_attributes=True)


@router.post(
    "/services", operation_id="createService", status_code=201, responses=problems(404, 409)
)
def create_service(work: Writing, body: ServiceIn, response: Response) -> ServiceOut:
    """Add a service."""
    row = catalog.create_service(work, body.model_dump())
    response.headers.update({"Location": f"/v1/services/{row.name}", "ETag": etag(row)})
    return ServiceOut.model_validate(row)


@router.get("/services/{service}", operation_id="getService", responses=problems(404))
def get_service(work: Reading, service: SlugPath, response: Response) -> ServiceOut:
    """Read a service."""
    work.require(Permission.CATALOG_READ)
    row = work.get(Service, service, "service")
    response.headers["ETag"] = etag(row)
    return ServiceOut.model_validate(row)


@router.patch(
    "/services/{service}", operation_id="updateService", responses=problems(404, 409, 412, 428)
)
def update_service(
    work: Writing,
    service: SlugPath,
    body: ServiceChange,
    response: Response,
    if_match: IfMatch = None,
) -> ServiceOut:
    """Change a service."""
    row = work.get(Service, service, "service")
    require_match(if_match, row)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    row = catalog.update_service(work, row, changes)
    response.headers["ETag"] = etag(row)
    return ServiceOut.model_validate(row)
