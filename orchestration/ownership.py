"""Who owns which fields of an entity, as documents: the system of record per group of fields.

`guarding` holds a flow to them where it writes; `linting` judges them; the resolved rules travel with
a run, like its mappings.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from orchestration.definition import Expr, Flow, Name, OperationName, Part, Slug, Text, Version

Pointer = Annotated[str, Field(pattern=r"^(/[^/]{1,100}){1,10}$")]


class Group(Part):
    """Fields that belong together, and the system whose word counts for them."""

    group: Name
    owner: Name
    fields: tuple[Name, ...] = Field(min_length=1, max_length=100)


class Write(Part):
    """An operation that writes fields: where they stand in its body, and how to read what is there.

    `read` takes the same parameters by name. Where a value of another owner would be overwritten,
    `hold` hands the run to a person and `keep` leaves the owner's value in place.
    """

    operation: OperationName
    read: OperationName
    fields: dict[Name, Pointer] = Field(min_length=1, max_length=100)
    unlike: Literal["hold", "keep"] = "hold"
    # What the step comes to where nothing would change and nothing is sent: loops end here.
    unchanged: Literal["read", "nothing"] = "read"


class Ownership(Part):
    """The rules of one entity. `systems` says which contract each name stands for.

    `views` tells, as expressions, where each field stands in a record as the system gives it.
    """

    ownership: Slug
    version: Version
    title: Text
    systems: dict[Name, Slug] = Field(min_length=1, max_length=20)
    groups: tuple[Group, ...] = Field(min_length=1, max_length=50)
    views: dict[Name, dict[Name, Expr]] = Field(default_factory=dict, max_length=20)
    writes: tuple[Write, ...] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _joined(self) -> "Ownership":
        known = [field for group in self.groups for field in group.fields]
        twice = sorted({field for field in known if known.count(field) > 1})
        if twice:
            raise ValueError(f"{twice[0]!r} has two owners")
        used = [group.owner for group in self.groups]
        for write in self.writes:
            names = write.operation.partition(".")[0], write.read.partition(".")[0]
            if names[0] != names[1]:
                raise ValueError(f"{write.operation} is read with an operation of another system")
            used.append(names[0])
            for field in write.fields:
                if field not in known:
                    raise ValueError(f"{field!r} of {write.operation} is in no group")
                if field not in self.views.get(names[0], {}):
                    raise ValueError(f"`views` does not say where {names[0]} shows {field!r}")
        for system, view in self.views.items():
            used.append(system)
            strange = sorted(view.keys() - set(known))
            if strange:
                raise ValueError(f"{strange[0]!r} of {system} is in no group")
        unknown = sorted(set(used) - self.systems.keys())
        if unknown:
            raise ValueError(f"`systems` does not name {unknown[0]!r}")
        return self


class OwnedField(Part):
    """One guarded field of a write, in the words of the flow that writes."""

    name: str
    owner: str  # contract id
    body: Pointer
    seen: Expr


class Rule(Part):
    """A write of a flow with the fields that it may not change for others."""

    entity: str
    read: str  # operationId
    fields: tuple[OwnedField, ...]
    unlike: Literal["hold", "keep"]
    unchanged: Literal["read", "nothing"]


def rules_of(flow: Flow, documents: Iterable[Ownership]) -> dict[str, Rule]:
    """Return the rules of the operations that the flow's systems have, by `system.operationId`."""
    found: dict[str, Rule] = {}
    for document in documents:
        owner = {
            field: document.systems[group.owner]
            for group in document.groups
            for field in group.fields
        }
        for write in document.writes:
            system, _, operation = write.operation.partition(".")
            rule = Rule(
                entity=document.ownership, read=write.read.partition(".")[2],
                fields=tuple(
                    OwnedField(name=name, owner=owner[name], body=at, seen=document.views[system][name])
                    for name, at in write.fields.items()
                ),
                unlike=write.unlike, unchanged=write.unchanged,
            )  # fmt: skip
            for name, each in flow.systems.items():
                if each.contract == document.systems[system]:
                    found[f"{name}.{operation}"] = rule
    return found
