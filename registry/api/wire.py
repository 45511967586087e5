"""Shared shapes of the wire: bounded texts, moments, pages, and the documented problems."""

import re
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from contracts.ids import CONTRACT_ID, SLUG
from contracts.problem import MEDIA_TYPE

Item = TypeVar("Item")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"

Slug = Annotated[str, StringConstraints(pattern=rf"^{SLUG.pattern}$", max_length=63)]
ContractId = Annotated[str, StringConstraints(pattern=rf"^{CONTRACT_ID.pattern}$", max_length=130)]
VersionName = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+_-]*$", max_length=64)
]
Title = Annotated[str, StringConstraints(pattern=_PRINTABLE, min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(pattern=_PRINTABLE, max_length=200)]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Scope = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]+$", min_length=1, max_length=100)]
# PostgreSQL cannot store U+0000, and no text format needs it.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", min_length=1)]


def _only_whole(value: Any) -> Any:
    """Take 2 and 2.0, which JSON does not tell apart; refuse texts and booleans."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("a whole number is expected")


Whole = Annotated[int, BeforeValidator(_only_whole)]


def _only_rfc3339(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC3339.fullmatch(value)):
        return value
    raise ValueError("a date and time as RFC 3339 writes it is expected: 2027-01-31T12:00:00Z")


Moment = Annotated[AwareDatetime, BeforeValidator(_only_rfc3339)]

SlugPath = Annotated[Slug, Path()]
ContractPath = Annotated[ContractId, Path()]
VersionPath = Annotated[VersionName, Path(description="A version, or `latest`.")]
IdPath = Annotated[Id, Path()]


class In(BaseModel):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """A response body, read from a row."""

    model_config = ConfigDict(from_attributes=True)


class Paging(BaseModel):
    """The query of every list."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(default=50, ge=1, le=200, description="How many entries a page may have.")
    cursor: Line | None = Field(default=None, description="`next` of the page before.")


class Numbered(BaseModel):
    """The query of lists that are kept in the order of time."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(default=50, ge=1, le=200, description="How many entries a page may have.")
    cursor: int | None = Field(
        default=None, ge=0, lt=2**63, description="`next` of the page before."
    )


PageQuery = Annotated[Paging, Query()]
NumberedQuery = Annotated[Numbered, Query()]


class PageOut(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class ProblemOut(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str


_MEANINGS = {
    400: "The request cannot be parsed",
    401: "Authentication is required",
    403: "Permission is missing",
    404: "There is nothing here by that name",
    409: "The request contradicts what is stored",
    412: "The resource has changed since it was read",
    413: "The body is too large",
    415: "The media type is not supported",
    422: "The request is not valid",
    428: "`If-Match` is required",
}
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}


def problems(
    *statuses: Literal[400, 401, 403, 404, 409, 412, 413, 415, 422, 428],
) -> dict[int | str, dict[str, Any]]:
    """Return the documented refusals: those every operation has, and these."""
    all_statuses = sorted({400, 401, 403, 413, 422, *statuses})
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": _MEANINGS[status], "content": _PROBLEM} for status in all_statuses
    }
    return described | {"default": {"description": "Any other refusal", "content": _PROBLEM}}
