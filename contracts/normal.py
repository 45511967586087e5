"""Brings schemas to normal form: references followed, `allOf` flattened, dialects levelled.

Called by `contracts.compat`. Results are remembered per place; nothing here reads beyond what is
asked for, so the work grows with the part of a document that is compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from contracts import catalog, merging
from contracts import pointer as jp
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Node
from contracts.problem import Detail
from contracts.refs import Resolver, reference
from contracts.schema import Schema, Spot, Union

# Before JSON Schema 2019-09 (so in OpenAPI 3.0 and Swagger 2.0) members beside `$ref` are ignored.
_REF_ALONE = ("openapi-3.0", "swagger-2.0", "asyncapi-2",
              "draft-03", "draft-04", "draft-06", "draft-07")  # fmt: skip
MAX_DEPTH = 80  # of references and compositions around one schema; keeps the stack small


@dataclass(frozen=True, slots=True)
class Piece:
    """One plain schema object of a conjunction; `nullable` adds null to what it accepts."""

    node: Node
    value: Mapping[str, Json]
    nullable: bool


class Normaliser:
    """Normal forms of the schemas of one document. `lenient` infers missing `type` keywords."""

    def __init__(self, resolver: Resolver, dialect: str, *, lenient: bool) -> None:
        self.resolver = resolver
        self.dialect = dialect
        self.lenient = lenient
        self._ref_alone = any(mark in dialect for mark in _REF_ALONE)
        self._known: dict[tuple[str, ...], Schema] = {}
        self._open: set[tuple[str, ...]] = set()

    def schema(self, spot: Spot) -> Schema:
        """Return the normal form. Raises `TreatyError` when a reference cannot be followed."""
        key = spot.key
        found = self._known.get(key)
        if found is not None:
            return found
        if key in self._open:
            # A union that contains itself adds nothing to its own types.
            return Schema(spot.at)
        _check_depth(len(self._open), spot.at)
        self._open.add(key)
        try:
            schema = self._build(spot)
        finally:
            self._open.discard(key)
        self._known[key] = schema
        return schema

    def settle(self, spot: Spot) -> Spot:
        """Return the spot with plain references replaced by what they name.

        So a shared component is one place, however many operations use it.
        """
        # The same schema twice asks no more than once; else recursion would pile up its copies.
        nodes = tuple({(n := self._target(node)).pointer: n for node in spot.nodes}.values())
        return Spot(nodes, nodes[0].pointer) if nodes else spot

    def _target(self, node: Node) -> Node:
        value = node.value
        if isinstance(value, dict) and "$ref" in value and (self._ref_alone or len(value) == 1):
            return self.resolver.resolve(node)
        return node

    def _build(self, spot: Spot) -> Schema:
        pieces: list[Piece] = []
        seen: set[tuple[str, bool]] = set()
        for node in spot.nodes:
            pieces.extend(self._flatten(node, seen, 0, nullable=False))
        draft = merging.merge(pieces, spot.at, self.dialect, lenient=self.lenient)
        for union in self._unions(pieces):
            self._fold(draft, union)
        return draft.finish()

    def _flatten(
        self, node: Node, seen: set[tuple[str, bool]], depth: int, *, nullable: bool
    ) -> Iterator[Piece]:
        """Yield the plain parts of a schema, each once, with the pointer where it is written."""
        value = node.value
        if isinstance(value, bool):
            if not value:
                yield Piece(node, {"type": []}, nullable)
            return
        if not isinstance(value, dict) or (node.pointer, nullable) in seen:
            return
        _check_depth(depth, node.pointer)
        seen.add((node.pointer, nullable))
        depth += 1
        ref = reference(value)
        if ref is not None:
            yield from self._flatten(
                self.resolver.target(node, ref), seen, depth, nullable=nullable
            )
            if self._ref_alone:
                return
        yield Piece(node, value, nullable)
        for branch in _branches(node, "allOf"):
            yield from self._flatten(branch, seen, depth, nullable=nullable)
        for kind in ("oneOf", "anyOf"):
            rest, null = self._without_null(node, kind)
            if self._folds(kind, rest, null=null):
                yield from self._flatten(rest[0], seen, depth, nullable=nullable or null)

    def _without_null(self, node: Node, kind: str) -> tuple[list[Node], bool]:
        """Return the branches that are not just null, and whether there is one that is."""
        branches = list(_branches(node, kind))
        rest = [branch for branch in branches if not self._is_null(branch)]
        return rest, len(rest) < len(branches)

    def _folds(self, kind: str, rest: list[Node], *, null: bool) -> bool:
        """Whether a union is just its only branch, with null or without."""
        if len(rest) != 1:
            return False
        doubtful = kind == "oneOf" and null and not self.lenient
        return not (doubtful and self.schema(Spot.of(rest[0])).nullable)

    def _is_null(self, node: Node) -> bool:
        value = self.resolver.resolve(node).value
        return isinstance(value, dict) and (
            value.get("type") in ("null", ["null"])
            or value.get("enum") == [None]
            or ("const" in value and value["const"] is None)
        )

    def _unions(self, pieces: list[Piece]) -> Iterator[tuple[Union, bool]]:
        for piece in pieces:
            for kind in ("oneOf", "anyOf"):
                rest, null = self._without_null(piece.node, kind)
                if rest and not self._folds(kind, rest, null=null):
                    branches = tuple(Spot.of(branch) for branch in rest)
                    pointer = jp.join(piece.node.pointer, kind)
                    yield Union(kind, branches, pointer, null), null or piece.nullable

    def _fold(self, draft: merging.Draft, found: tuple[Union, bool]) -> None:
        """Reduce a union of types or of enumerations; keep any other beside its types."""
        union, null = found
        branches = [self.schema(branch) for branch in union.branches]
        types = frozenset[str]().union(*(branch.types for branch in branches))
        draft.narrow(types, nullable=null or any(branch.nullable for branch in branches))
        if union.kind == "oneOf" and not self.lenient and _overlap(branches, null=union.null):
            draft.unions.append(replace(union, exclusive=True))
        elif all(branch.enum is not None and not branch.unions for branch in branches):
            draft.restrict([v for b in branches for v in b.enum or ()], union.pointer)
        else:
            kept = [i for i, branch in enumerate(branches) if not _absorbed(branch, branches)]
            plain = not any(branches[i].constrained for i in kept)
            spots = tuple(union.branches[i] for i in kept)
            draft.unions.append(replace(union, branches=spots, plain=plain))


def _overlap(branches: list[Schema], *, null: bool) -> bool:
    """Whether a value may match two branches, as far as types and enumerations tell."""
    if sum(branch.nullable for branch in branches) + null > 1:
        return True
    texts = [merging.literal(value) for branch in branches for value in branch.enum or ()]
    if all(branch.enum is not None for branch in branches):
        return len(set(texts)) < len(texts)
    return any(
        one.types & other.types and not _different(one, other)
        for index, one in enumerate(branches)
        for other in branches[index + 1 :]
    )


def _absorbed(branch: Schema, branches: list[Schema]) -> bool:
    """Whether another branch accepts everything of its types, as in `anyOf: [enum, string]`."""
    return branch.constrained and any(
        not other.constrained
        and branch.types <= other.types
        and (other.nullable or not branch.nullable)
        for other in branches
    )


def _different(one: Schema, other: Schema) -> bool:
    if one.enum is None or other.enum is None:
        return False
    return not {merging.literal(v) for v in one.enum} & {merging.literal(v) for v in other.enum}


def _check_depth(depth: int, at: str) -> None:
    if depth > MAX_DEPTH:
        raise TreatyError(
            catalog.TOO_DEEP,
            f"Schemas are composed more than {MAX_DEPTH} levels deep.",
            errors=(Detail("The innermost schema that was read.", at),),
        )


def _branches(node: Node, kind: str) -> Iterator[Node]:
    value = node.value.get(kind) if isinstance(node.value, dict) else None
    if isinstance(value, list):
        for index, branch in enumerate(value):
            yield Node(jp.join(node.pointer, kind, index), branch)
