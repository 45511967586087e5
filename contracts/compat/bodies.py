"""Walks the content of requests and responses: media types, parts of forms, headers and links.

Called by `contracts.compat.operation`.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from contracts import pointer as jp
from contracts.compat import matching, unread
from contracts.compat.pairs import (
    EncodingPair,
    HeaderPair,
    LinkPair,
    MediaTypePair,
    Pair,
    Root,
    Site,
    UndecidedPair,
)
from contracts.compat.scene import Scene
from contracts.document import Json
from contracts.formats.openapi import header
from contracts.model import Header, MediaType, Node, Response
from contracts.report import Direction
from contracts.schema import Spot


class Body(Protocol):
    """What has media types: a request body or a response."""

    @property
    def node(self) -> Node: ...
    @property
    def content(self) -> tuple[MediaType, ...]: ...


def contents(
    scene: Scene, site: Site, direction: Direction, old: Body, new: Body
) -> Iterator[Pair | Root]:
    """Yield the media types of a body that both versions have."""
    broken = yield from undecided(scene, site, old.node, new.node, "content")
    names = [{media.name for media in side.content} for side in (old, new)]
    for was, now in matching.media_types(old.content, new.content):
        if (was or not broken[0]) and (now or not broken[1]):
            # A range that stays beside what it covers has not changed.
            kept = bool(was and now and (was.name in names[1] or now.name in names[0]))
            yield from _media_type(scene, site, direction, was, now, kept=kept)


def undecided(
    scene: Scene, site: Site, old: Node, new: Node, key: str
) -> Generator[Pair, None, tuple[set[str], set[str]]]:
    """Yield the members that one side cannot read; return what either side cannot read."""
    resolvers = scene.resolvers
    before = set(unread.left_out(old, key, resolvers[0]))
    after = set(unread.left_out(new, key, resolvers[1]))
    for pointer in sorted(before - after):
        at = replace(site, old=old.pointer + pointer)
        yield UndecidedPair(at, "the old version has a part that cannot be read")
    for pointer in sorted(after - before):
        at = replace(site, new=new.pointer + pointer)
        yield UndecidedPair(at, "the new version has a part that cannot be read")
    return before, after


def _media_type(
    scene: Scene,
    site: Site,
    direction: Direction,
    old: MediaType | None,
    new: MediaType | None,
    *,
    kept: bool,
) -> Iterator[Pair | Root]:
    home = replace(site, old=jp.join(site.old, "content"), new=jp.join(site.new, "content"))
    at = home.at(old, new)
    if old and new:
        yield from _schemas(at, direction, old, new)
        yield from _encodings(scene, at, direction, old, new)
    renamed = old is None or new is None or (old.name != new.name and not kept)
    if renamed or (old and new and whole(old) != whole(new)):
        yield MediaTypePair(at, direction, old, new)


def whole(media: MediaType) -> bool:
    """Whether a schema describes the content as a whole, not only each item of a stream."""
    return media.item_schema is None or media.schema is not media.item_schema


def _schemas(site: Site, direction: Direction, old: MediaType, new: MediaType) -> Iterator[Root]:
    if whole(old) and whole(new):
        spots = spot(old.schema, old.node), spot(new.schema, new.node)
        yield Root(site, "the body", direction, *spots)
    if (old.item_schema or new.item_schema) and whole(old) == whole(new):
        spots = spot(old.item_schema, old.node), spot(new.item_schema, new.node)
        yield Root(site, "each item", direction, *spots)


def _encodings(
    scene: Scene, site: Site, direction: Direction, old: MediaType, new: MediaType
) -> Iterator[Pair | Root]:
    for name in dict.fromkeys((*old.encoding, *new.encoding)):
        sides = [
            replace_defaults(media, name, scene, index) for index, media in enumerate((old, new))
        ]
        places = [jp.join(media.node.pointer, "encoding", name) for media in (old, new)]
        at = replace(site, old=places[0], new=places[1])
        yield EncodingPair(at, direction, name, new.name, sides[0], sides[1])
        yield from _part_headers(scene, at, direction, name, sides)


def replace_defaults(media: MediaType, name: str, scene: Scene, index: int) -> Mapping[str, Json]:
    """Return the encoding of a property, with what holds where it says nothing.

    OpenAPI 3.1.1, 4.8.15.1: the default content type follows from the type of the property.
    """
    written = media.encoding.get(name)
    value = written if isinstance(written, dict) else {}
    style = value.get("style", "form")
    kind = "text/plain"
    if media.schema is not None:
        schema = _property(scene, index, media.schema, name)
        if schema.get("type") in ("object", "array"):
            kind = "application/json"
        elif schema.get("format") in ("binary", "byte") or "contentEncoding" in schema:
            kind = "application/octet-stream"
    return {"contentType": kind, "style": style, "explode": style == "form", **value}


def _property(scene: Scene, index: int, schema: Node, name: str) -> Mapping[str, Json]:
    reader = scene.readers[index]
    found = reader.follow(schema)
    properties = reader.member(found, "properties") if found else None
    member = reader.member(properties, name) if properties else None
    return member.value if member and isinstance(member.value, dict) else {}


def _part_headers(
    scene: Scene, site: Site, direction: Direction, name: str, sides: list[Mapping[str, Json]]
) -> Iterator[Pair | Root]:
    found: list[dict[str, Header]] = []
    for reader, side, pointer in zip(scene.readers, sides, (site.old, site.new), strict=True):
        owner = Node(jp.join(pointer, "headers"), side.get("headers"))
        nodes = ((key, reader.follow(node)) for key, node in reader.members(owner))
        found.append({k.lower(): header(reader, k, node) for k, node in nodes if node})
    at = replace(site, where=f"{site.where}, part `{name}`")
    yield from _headers(at, direction, *found)


def headers(
    scene: Scene, site: Site, direction: Direction, old: Response, new: Response
) -> Iterator[Pair | Root]:
    """Yield the headers of a response, and their values."""
    broken = yield from undecided(scene, site, old.node, new.node, "headers")
    left, right = ({h.name.lower(): h for h in side.headers} for side in (old, new))
    for pointers, ours, theirs in ((broken[0], left, right), (broken[1], right, left)):
        for name in {jp.split(pointer)[-1].lower() for pointer in pointers} - ours.keys():
            theirs.pop(name, None)
    yield from _headers(site, direction, left, right)


def _headers(
    site: Site, direction: Direction, left: Mapping[str, Header], right: Mapping[str, Header]
) -> Iterator[Pair | Root]:
    for name in dict.fromkeys((*left, *right)):
        before, after = left.get(name), right.get(name)
        at = site.at(before, after)
        yield HeaderPair(at, before, after, direction, _any_many(before, after))
        if before and after:
            yield Root(
                at,
                f"header `{after.name}`",
                direction,
                spot(before.schema, before.node),
                spot(after.schema, after.node),
                textual=not (before.content or after.content),
            )


def links(site: Site, old: Response, new: Response) -> Iterator[LinkPair]:
    """Yield the links of a response."""
    for name in dict.fromkeys((*old.links, *new.links)):
        before, after = old.links.get(name), new.links.get(name)
        at = replace(
            site,
            old=before.pointer if before else site.old,
            new=after.pointer if after else site.new,
        )
        yield LinkPair(at, name, before, after)


def _any_many(*sides: Header | None) -> bool:
    return any(many(side.schema) for side in sides if side)


def many(schema: Node | None) -> bool:
    """Whether a value may be an array or an object, which `explode` is about."""
    value = schema.value if schema else None
    kind = value.get("type") if isinstance(value, dict) else None
    # Behind a reference or without a type, an array cannot be ruled out.
    return kind is None or kind in ("array", "object") or isinstance(kind, list)


def spot(schema: Node | None, owner: Node) -> Spot:
    """Return a schema as a place; without one, anything is accepted."""
    return Spot.of(schema) if schema else Spot.anything(owner.pointer)
