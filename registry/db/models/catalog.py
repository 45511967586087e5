"""Teams, people and services: who there is, and who owns what."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from registry.db.orm import Base, Revised, new_id


class Team(Revised, Base):
    """A group of people that owns services and applications."""

    __tablename__ = "teams"
    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]


class Person(Base):
    """Somebody who signs in. `subject` is the OpenID Connect subject, where there is one."""

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    subject: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str | None]
    role: Mapped[str]
    created_at: Mapped[datetime]


class Membership(Base):
    """A person's place in a team."""

    __tablename__ = "memberships"
    team: Mapped[str] = mapped_column(ForeignKey("teams.name"), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)


class Service(Revised, Base):
    """A catalog entry: a system that provides contracts."""

    __tablename__ = "services"
    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]
    domain: Mapped[str]
    owner: Mapped[str] = mapped_column(ForeignKey("teams.name"), index=True)
    criticality: Mapped[str]
    system_of_record: Mapped[list[str]]
    tags: Mapped[list[str]]
    links: Mapped[list[Any]]
