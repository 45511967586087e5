"""`bounded` and `closed`: schemas that say how much they accept (API3 and API4 of 2023)."""

from collections.abc import Iterator, Mapping

from contracts.document import Json
from contracts.lint import options as opt
from contracts.lint.function import Context, Result

_FIXED = frozenset(["const", "enum"])


def bounded(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand one keyword of each group in `groups` (a|b) of a schema of `type`; enums are bounded."""
    wanted, groups = opt.text(options, "type"), opt.texts(options, "groups")
    if not isinstance(value, dict) or not _is(value, wanted) or not _FIXED.isdisjoint(value):
        return
    missing = [group for group in groups if value.keys().isdisjoint(group.split("|"))]
    if missing:
        names = " and ".join(" or ".join(group.split("|")) for group in missing)
        yield Result(f"the {wanted} has no {names}")


def closed(value: Json, options: Mapping[str, Json], _: Context) -> Iterator[Result]:
    """Demand that `keyword` of an object is not open; `limit` names what bounds a schema there."""
    keyword, limit = opt.text(options, "keyword") or "", opt.text(options, "limit")
    if not isinstance(value, dict) or not _is(value, "object"):
        return
    rest = value.get(keyword)
    if limit is None and (rest is True or isinstance(rest, dict)):
        yield Result(f"the object accepts members that nobody described by '{keyword}'", (keyword,))
    elif limit is not None and isinstance(rest, dict) and limit not in value:
        yield Result(f"the object has '{keyword}' and no '{limit}'")


def _is(schema: dict[str, Json], wanted: str | None) -> bool:
    named = schema.get("type")
    return wanted in named if isinstance(named, list) else named == wanted
