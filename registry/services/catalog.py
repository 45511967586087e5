"""Teams, people and services."""

from typing import Any

from sqlalchemy import select

from contracts import catalog
from contracts.errors import TreatyError
from registry.db.models import Membership, Person, Service, Team
from registry.permissions import Permission
from registry.services.work import Work


def create_team(work: Work, name: str, title: str) -> Team:
    """Add a team."""
    work.require(Permission.TEAM_ADMIN)
    team = Team(name=name, title=title, revision=1, created_at=work.now())
    work.add_new(team, name, "team")
    work.record("team.created", name, title=title)
    return team


def create_person(work: Work, name: str, email: str | None, role: str) -> Person:
    """Add a person; they sign in by a link, or by OpenID Connect with the same e-mail address."""
    work.require(Permission.TEAM_ADMIN)
    person = Person(name=name, email=email, role=role, subject=None, created_at=work.now())
    work.session.add(person)
    work.session.flush()
    work.record("person.created", person.id, role=role)
    return person


def add_member(work: Work, team: str, person: str) -> Membership:
    """Put a person into a team; being in it already is fine."""
    work.require(Permission.TEAM_ADMIN)
    work.get(Team, team, "team")
    work.get(Person, person, "person")
    known = work.session.get(Membership, (team, person))
    if known is not None:
        return known
    member = Membership(team=team, person=person)
    work.session.add(member)
    work.session.flush()
    work.record("team.member-added", team, person=person)
    return member


def members(work: Work, team: str) -> list[Person]:
    """Return the people of a team by name."""
    work.require(Permission.CATALOG_READ)
    work.get(Team, team, "team")
    query = select(Person).join(Membership, Membership.person == Person.id)
    return list(
        work.session.scalars(query.where(Membership.team == team).order_by(Person.name, Person.id))
    )


def create_service(work: Work, facts: dict[str, Any]) -> Service:
    """Add a service; its owner must exist and be the actor's own team."""
    work.require(Permission.CATALOG_WRITE, facts["owner"])
    _require_team(work, facts["owner"])
    service = Service(**facts, revision=1, created_at=work.now())
    work.add_new(service, facts["name"], "service")
    work.record("service.created", service.name, owner=service.owner, kind=service.kind)
    return service


def update_service(work: Work, service: Service, changes: dict[str, Any]) -> Service:
    """Change a service; handing it to another team needs both teams' permission."""
    work.require(Permission.CATALOG_WRITE, service.owner)
    if "owner" in changes:
        work.require(Permission.CATALOG_WRITE, changes["owner"])
        _require_team(work, changes["owner"])
    for name, value in changes.items():
        setattr(service, name, value)
    service.revision += 1
    work.record("service.updated", service.name, changed=sorted(changes))
    return service


def _require_team(work: Work, name: str) -> None:
    if work.session.get(Team, name) is None:
        raise TreatyError(catalog.NOT_FOUND, f"There is no team {name!r}.")
