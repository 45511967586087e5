"""Bodies by media type: which schema judges a body, and how it is read (RFC 9110 section 8.3)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.model import MediaType
from contracts.problem import Detail
from contracts.report import Direction
from policies.jsontext import NotJsonError, parse
from policies.validation.table import SchemaTable
from policies.validation.validators import Validators

_MEDIA = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}/[!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}")


def compile_content(
    content: Sequence[MediaType], schemas: SchemaTable, direction: Direction
) -> list[dict[str, Any]]:
    """Return the settings of each media type. Raises `TreatyError` for a broken reference."""
    return [
        {
            "media": media.name.partition(";")[0].strip().lower(),
            "schema": schemas.name(media.schema, direction),
        }
        for media in content
    ]


class UnreadableError(ValueError):
    """The body cannot be read as its media type says; the sentence holds no value."""


class Content:
    """The media types that an operation takes or gives, the most specific one first."""

    def __init__(self, settings: Sequence[Mapping[str, Any]]) -> None:
        ranked = sorted(settings, key=lambda entry: entry["media"].count("*"))
        self._entries = [(str(entry["media"]), entry["schema"]) for entry in ranked]
        self.names = ", ".join(name for name, _ in self._entries)

    def schema(self, media: str) -> str | bool | None:
        """Return the schema for a media type, None where none fits."""
        return next((schema for name, schema in self._entries if fits(name, media)), None)

    def judge(
        self, media: str, schema: str | bool, body: bytes, validators: Validators, at: str
    ) -> tuple[Detail, ...]:
        """Return what is wrong with the body. Raises `UnreadableError`."""
        if is_json(media):
            try:
                value = parse(body)
            except NotJsonError:
                raise UnreadableError("the body is not JSON that everybody reads alike") from None
            return validators.errors(schema, value, at)
        # Text, forms and files have no type system of their own; what they hold is not judged.
        return ()


def media_type(field: str | None) -> str:
    """Return the media type without parameters, lower case; empty where there is none or a wrong one."""
    media = (field or "").partition(";")[0].strip().lower()
    return media if _MEDIA.fullmatch(media) else ""


def is_json(media: str) -> bool:
    """Tell whether a media type carries JSON (RFC 6839 section 3.1)."""
    return media == "application/json" or media.endswith("+json")


def fits(declared: str, media: str) -> bool:
    """Tell whether a declared media type or range covers a media type."""
    if declared in (media, "*/*"):
        return True
    kind, _, rest = declared.partition("/")
    return rest == "*" and media.startswith(kind + "/")
