"""Following `$ref` inside one document: lazily, bounded, and never in a circle.

Called by the readers in `formats`, by compat, policies and the mock. A recursive schema is fine:
only a chain of references that leads back to itself without a value in between is refused.
"""

from collections.abc import Iterator
from urllib.parse import unquote, urldefrag, urljoin

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.model import Node
from contracts.problem import Detail, ProblemType
from contracts.structure import Part, parts
from contracts.structure import reference as reference  # what a node refers to, for callers

MAX_HOPS = 100
_SHOWN = 100


class Resolver:
    """Resolves references of one document; results are remembered, the document must not change."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._index: _Identifiers | None = None
        self._targets: dict[tuple[str, str], Node] = {}

    def resolve(self, node: Node) -> Node:
        """Return the first node on the chain of `$ref` from `node` that is not a reference.

        Members beside a `$ref` are not merged. Raises `TreatyError`: reference-unresolved,
        reference-external, or reference-cycle with a detail for each place of the circle.
        """
        ref = reference(node.value)
        if ref is None:
            return node
        chain = [node]
        seen = {node.pointer}
        while ref is not None:
            node = self.target(node, ref)
            if node.pointer in seen:
                raise self._cycle([*chain, node])
            if len(chain) >= MAX_HOPS:
                sentence = f"More than {MAX_HOPS} references follow each other from here."
                raise self._error(catalog.REFERENCE_UNRESOLVED, sentence, chain[0])
            chain.append(node)
            seen.add(node.pointer)
            ref = reference(node.value)
        return node

    def child(self, node: Node, *tokens: str | int) -> Node:
        """Return the resolved node that the tokens lead to, following references on the way.

        Raises `LookupError` when there is no such member or item, and as `resolve`.
        """
        node = self.resolve(node)
        for token in tokens:
            value = jp.walk(node.value, (str(token),))
            node = self.resolve(Node(jp.join(node.pointer, token), value))  # type: ignore[arg-type]  # a walk through Json yields Json
        return node

    def target(self, node: Node, ref: str) -> Node:
        """Return the node that `ref`, written in `node`, names: one hop. Raises as `resolve`."""
        base = self.identifiers.base(node.pointer)
        key = (base, ref)
        found = self._targets.get(key)
        if found is None:
            found = self._targets[key] = self._find(node, base, ref)
        return found

    @property
    def identifiers(self) -> "_Identifiers":
        """What `$id` and `$anchor` name in this document, indexed on first use."""
        if self._index is None:
            self._index = _Identifiers(self.document)
        return self._index

    def _find(self, node: Node, base: str, ref: str) -> Node:
        pointer = self.identifiers.locate(base, ref)
        if pointer is None:
            sentence = f"The reference '{_short(ref)}' leaves the document; it is not followed."
            raise self._error(catalog.REFERENCE_EXTERNAL, sentence, node)
        try:
            return Node(pointer, self.document.at(pointer))
        except LookupError:
            sentence = f"The reference '{_short(ref)}' leads nowhere in this document."
            raise self._error(catalog.REFERENCE_UNRESOLVED, sentence, node) from None

    def _cycle(self, chain: list[Node]) -> TreatyError:
        start = next(i for i, node in enumerate(chain) if node.pointer == chain[-1].pointer)
        circle = chain[start:-1]
        names = " → ".join(node.pointer or "#" for node in [*circle, circle[0]][:10])
        details = tuple(self._detail(f"Refers to {_named(node)}.", node) for node in circle)
        place = self.document.place(circle[0].pointer)
        return TreatyError(
            catalog.REFERENCE_CYCLE,
            f"{place.file}:{place.line}:{place.column}: References lead in a circle: {names}.",
            errors=details,
        )

    def _error(self, problem_type: ProblemType, sentence: str, node: Node) -> TreatyError:
        detail = self._detail(sentence, node)
        where = f"{detail.file}:{detail.line}:{detail.column}"
        return TreatyError(problem_type, f"{where}: {sentence}", errors=(detail,))

    def _detail(self, sentence: str, node: Node) -> Detail:
        pointer = jp.join(node.pointer, "$ref")
        place = self.document.place(pointer)
        return Detail(sentence, pointer, place.file, place.line, place.column)


def references(document: Document) -> Iterator[Node]:
    """Yield every node of the document that is a reference, wherever a reference has meaning."""
    for part in parts(document.root):
        if reference(part.value) is not None:
            yield Node(part.pointer, part.value)


class _Identifiers:
    """`$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12, 8.2) of one document."""

    def __init__(self, document: Document) -> None:
        self.resources: dict[str, str] = {}  # absolute URI → pointer of the resource
        self.bases: dict[str, str] = {}  # pointer of a resource → its absolute URI
        self.anchors: dict[tuple[str, str], str] = {}
        keyword = _identifier_keyword(document)
        if keyword is None:
            return
        # Parents come before their children, so the base of a nested $id is known.
        for part in parts(document.root):
            self._enter(part, keyword)

    def _enter(self, part: Part, keyword: str) -> None:
        identifier = part.value.get(keyword)
        if isinstance(identifier, str) and len(identifier) > 1:
            uri, fragment = _join(self.base(part.pointer), identifier)
            if not fragment:
                self.resources.setdefault(uri, part.pointer)
                self.bases[part.pointer] = uri
            elif identifier.startswith("#"):  # drafts 04 to 07 named anchors with $id
                self.anchors.setdefault((uri, fragment), part.pointer)
        for anchor in ("$anchor", "$dynamicAnchor"):
            name = part.value.get(anchor)
            if isinstance(name, str):
                self.anchors.setdefault((self.base(part.pointer), name), part.pointer)

    def base(self, pointer: str) -> str:
        """Return the URI of the innermost resource around `pointer`, empty when unnamed."""
        if not self.bases:
            return ""
        while pointer and pointer not in self.bases:
            pointer = pointer.rpartition("/")[0]
        return self.bases.get(pointer, "")

    def locate(self, base: str, ref: str) -> str | None:
        """Return the pointer that `ref` means, or None when it leaves the document.

        A pointer that leads nowhere is returned as it is.
        """
        uri, fragment = _join(base, ref)
        if uri == base or (not base and not uri):
            root = self.resources.get(base, "")
        elif uri in self.resources:
            root = self.resources[uri]
        else:
            return None
        fragment = unquote(fragment)
        if not fragment or fragment.startswith("/"):
            return root + fragment
        return self.anchors.get((uri, fragment), root + "/#" + jp.escape(fragment))


def _identifier_keyword(document: Document) -> str | None:
    """Return which keyword names a resource; OpenAPI 3.0 and Swagger schemas have none."""
    root = document.root
    if not isinstance(root, dict):
        return None
    if "swagger" in root or str(root.get("openapi", "")).startswith("3.0"):
        return None
    return "id" if "draft-04" in str(root.get("$schema", "")) else "$id"


def _join(base: str, ref: str) -> tuple[str, str]:
    if ref.startswith("#"):
        # RFC 3986 section 4.4: the same document, also where its name (a URN) has no hierarchy.
        return base, ref[1:]
    try:
        uri, fragment = urldefrag(urljoin(base, ref))
    except ValueError:  # e.g. a broken IPv6 host
        return (ref.partition("#")[0] or "?", "")
    return uri, fragment


def _named(node: Node) -> str:
    return _short(reference(node.value) or "")


def _short(ref: str) -> str:
    return ref if len(ref) <= _SHOWN else ref[:_SHOWN] + "…"
