"""RFC 9457 problem details: the one shape in which every edge of Treaty says no."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MEDIA_TYPE = "application/problem+json"
URI_PREFIX = "urn:treaty:problem:"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: its slug is eternal, its HTTP status is advisory (RFC 9457 section 3.1)."""

    slug: str
    title: str
    status: int
    uri: str = ""

    def __post_init__(self) -> None:
        if not self.uri:
            object.__setattr__(self, "uri", URI_PREFIX + self.slug)


@dataclass(frozen=True, slots=True)
class Detail:
    """One cause inside a problem: a sentence and, where known, the place it speaks of.

    `pointer` is a JSON Pointer (RFC 6901); `line` and `column` count from 1, 0 means unknown.
    """

    detail: str
    pointer: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the members that carry a value, `detail` and `pointer` always."""
        place: dict[str, object] = {"detail": self.detail, "pointer": self.pointer}
        if self.file:
            place["file"] = self.file
        if self.line:
            place["line"], place["column"] = self.line, self.column
        return place


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as data. `extensions` become further members of the JSON object."""

    type: ProblemType
    detail: str
    errors: tuple[Detail, ...] = ()
    extensions: Mapping[str, object] = field(default_factory=dict)

    def as_json(self, instance: str | None = None) -> dict[str, object]:
        """Return the RFC 9457 object; `instance` is the request id as a URI reference."""
        body: dict[str, object] = {
            "type": self.type.uri,
            "title": self.type.title,
            "status": self.type.status,
            "detail": self.detail,
        }
        if instance:
            body["instance"] = instance
        if self.errors:
            body["errors"] = [error.as_json() for error in self.errors]
        return body | dict(self.extensions)
