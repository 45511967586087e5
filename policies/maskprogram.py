"""Compiles an operation's response schemas into a mask program: a table of nodes, plain data.

A node says what is classified here (`leaf`) and where its children are (`props`, `patterns`,
`extra`, `items`, `prefix`); `all` names nodes that judge the same value (`allOf`, `oneOf`, ...).
Nodes refer to each other by number, so a recursive schema is a loop in the table.
"""

from collections.abc import Callable
from typing import Any

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.model import Contract, Node, Operation
from contracts.problem import Detail
from contracts.refs import Resolver
from policies import patterns
from policies.maskfallback import add_fallback
from policies.maskleaf import KEYWORD, ClassificationError, read_leaf
from policies.maskrefs import References

_MAX_NODES = 20_000
_SAME_VALUE = ("allOf", "oneOf", "anyOf")
_SAME_VALUE_ONE = ("if", "then", "else")
_UNJUDGED = ("$dynamicRef", "$recursiveRef")
_SLOTS = {
    "additionalProperties": "extra",
    "unevaluatedProperties": "extra",
    "items": "items",
    "additionalItems": "items",
    "unevaluatedItems": "items",
    "contains": "items",
    "contentSchema": "content",
}


def compile_program(
    contract: Contract, operation: Operation, resolver: Resolver | None = None
) -> dict[str, Any] | None:
    """Return `nodes`, `entries` (status, media type, node), the `fallback` node and `headers`.

    None where nothing is classified. Raises `TreatyError` (invalid-contract) for a classification
    that cannot be enforced, or a schema whose parts cannot be known before the call.
    A `resolver` that all operations share reads a long document once instead of once each.
    """
    table = NodeTable(contract, resolver or Resolver(contract.document))
    known: list[tuple[str, str, int | None]] = []
    for response in operation.responses:
        status = response.status.upper()
        for media in response.content:
            node = table.add(media.schema) if media.schema is not None else None
            known.append((status, media.name.lower(), node))
            if media.item_schema is not None and media.item_schema != media.schema:
                known.append((status, media.name.lower(), table.add(media.item_schema)))
        if not response.content:
            known.append((status, "*/*", None))
    in_bodies = any("leaf" in node for node in table.nodes)
    headers = _headers(operation, table)
    if not headers and not in_bodies:
        return None
    fallback = add_fallback(table.nodes, [node for _, _, node in known if node is not None])
    entries = [
        # Documented without a schema is as unknown as undocumented.
        {"status": status, "media": media, "node": fallback if node is None else node}
        for status, media, node in known
    ]
    program = {"nodes": table.nodes, "entries": entries, "fallback": fallback}
    if headers:
        program["headers"] = headers
    return program if in_bodies else {**program, "reads_response": False}


def _headers(operation: Operation, table: "NodeTable") -> dict[str, list[int]]:
    """Return the nodes of response headers that hold something classified, by lower-case name.

    A name that is classified in one answer is so in all of them.
    """
    found: dict[str, list[int]] = {}
    for response in operation.responses:
        for header in response.headers:
            schema = header.content[0].schema if header.content else header.schema
            if schema is not None:
                found.setdefault(header.name.lower(), []).append(table.add(schema))
    return {name: nodes for name, nodes in found.items() if table.holds_leaf(nodes)}


def _may_classify(document: Document) -> bool:
    """Whether a schema that cannot be followed may hide a classification; vendors' mostly cannot."""
    bundled = isinstance(document.root, dict) and "x-treaty-bundled" in document.root
    return bundled or not document.text or KEYWORD.encode() in document.text


class NodeTable:
    """The nodes of some schemas, each once; `read` says what a schema's own leaf is, if any."""

    def __init__(
        self,
        contract: Contract,
        resolver: Resolver,
        read: Callable[[dict[str, Json]], dict[str, Any] | None] = read_leaf,
    ) -> None:
        self._read = read
        self._document = contract.document
        self._guarded = _may_classify(contract.document)
        self._references = References(resolver, strict=self._guarded)
        self._numbers: dict[str, int] = {}
        self.nodes: list[dict[str, Any]] = []

    def add(self, schema: Node) -> int:
        """Return the number of a schema's node; a `$ref` and its siblings judge the same value."""
        if schema.pointer in self._numbers:
            return self._numbers[schema.pointer]
        if len(self.nodes) >= _MAX_NODES:
            raise self._fail(schema, f"the responses unfold to more than {_MAX_NODES} schemas")
        number = self._numbers[schema.pointer] = len(self.nodes)
        node: dict[str, Any] = {}
        self.nodes.append(node)
        value = schema.value
        if not isinstance(value, dict):
            return number
        for keyword in _UNJUDGED:
            if self._guarded and keyword in value:
                raise self._fail(schema, f"masks cannot follow `{keyword}`; use `$ref`")
        leaf = self._leaf(schema, value)
        if leaf:
            node["leaf"] = leaf
        self._members(schema, value, node)
        self._slots(schema, value, node)
        same = [self.add(other) for other in self._same_value(schema, value)]
        if same:
            node["all"] = same
        return number

    def holds_leaf(self, start: list[int]) -> bool:
        """Tell whether a leaf can be reached from these nodes."""
        seen, todo = set[int](), list(start)
        while todo:
            number = todo.pop()
            if number not in seen:
                seen.add(number)
                todo += children(self.nodes[number])
        return any("leaf" in self.nodes[number] for number in seen)

    def _members(self, schema: Node, value: dict[str, Json], node: dict[str, Any]) -> None:
        properties = value.get("properties")
        if isinstance(properties, dict):
            node["props"] = {
                name: self.add(Node(jp.join(schema.pointer, "properties", name), member))
                for name, member in properties.items()
            }
        by_pattern = value.get("patternProperties")
        for pattern, member in by_pattern.items() if isinstance(by_pattern, dict) else ():
            number = self.add(Node(jp.join(schema.pointer, "patternProperties", pattern), member))
            # A pattern that this engine cannot judge safely counts as matching every name.
            self._put(
                node.setdefault("patterns", {}),
                "" if patterns.problem(pattern) else pattern,
                number,
            )

    def _slots(self, schema: Node, value: dict[str, Json], node: dict[str, Any]) -> None:
        for keyword, slot in _SLOTS.items():
            member = value.get(keyword)
            if isinstance(member, dict):
                self._put(node, slot, self.add(Node(jp.join(schema.pointer, keyword), member)))
        for keyword in ("prefixItems", "items"):
            members = value.get(keyword)
            if isinstance(members, list):
                node["prefix"] = [
                    self.add(Node(jp.join(schema.pointer, keyword, index), member))
                    for index, member in enumerate(members)
                ]

    def _put(self, slots: dict[str, Any], slot: str, number: int) -> None:
        if slot in slots:
            self.nodes.append({"all": [slots[slot], number]})
            number = len(self.nodes) - 1
        slots[slot] = number

    def _same_value(self, schema: Node, value: dict[str, Json]) -> list[Node]:
        found = [*self._references.next(schema), *self._references.subtypes(schema)]
        for keyword in _SAME_VALUE:
            branches = value.get(keyword)
            for index, branch in enumerate(branches if isinstance(branches, list) else []):
                found.append(Node(jp.join(schema.pointer, keyword, index), branch))
        for keyword in _SAME_VALUE_ONE:
            if isinstance(value.get(keyword), dict):
                found.append(Node(jp.join(schema.pointer, keyword), value[keyword]))
        for keyword in ("dependentSchemas", "dependencies"):
            branches = value.get(keyword)
            for key, branch in branches.items() if isinstance(branches, dict) else ():
                found.append(Node(jp.join(schema.pointer, keyword, key), branch))
        return found

    def _leaf(self, schema: Node, value: dict[str, Json]) -> dict[str, Any] | None:
        try:
            return self._read(value)
        except ClassificationError as error:
            here = Node(jp.join(schema.pointer, KEYWORD), None)
            raise self._fail(here, str(error)) from None

    def _fail(self, node: Node, sentence: str) -> TreatyError:
        place = self._document.place(node.pointer)
        detail = Detail(sentence, node.pointer, place.file, place.line, place.column)
        return TreatyError(catalog.INVALID_CONTRACT, f"{place}: {sentence}", errors=(detail,))


def children(node: dict[str, Any]) -> list[int]:
    """Return the nodes that a node leads to."""
    single = [node[slot] for slot in ("extra", "items", "content") if slot in node]
    many = [*node.get("props", {}).values(), *node.get("patterns", {}).values()]
    return [*single, *many, *node.get("prefix", ()), *node.get("all", ())]
