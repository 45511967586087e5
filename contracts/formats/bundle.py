"""External references brought inside: each allowed text becomes a member of `x-bundled`.

The references are rewritten to lead there, so that everything above sees one document.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urldefrag, urljoin

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document, Json, Place
from contracts.errors import TreatyError
from contracts.formats.limits import Limits
from contracts.formats.yaml import parse
from contracts.model import Node
from contracts.problem import Detail
from contracts.refs import references
from contracts.structure import BUNDLED

Externals = Callable[[str], bytes]


@dataclass(frozen=True)
class Bundle(Document):
    """A document with others inside; places name the file in which a node is written."""

    members: Mapping[str, Document] = field(default_factory=dict, repr=False)

    def place(self, pointer: str) -> Place:
        """Return where `pointer` is written, in whichever of the texts that is."""
        tokens = jp.split(pointer)
        if len(tokens) > 1 and tokens[0] == BUNDLED and tokens[1] in self.members:
            inner = self.members[tokens[1]].place(jp.join("", *tokens[2:]))
            return Place(pointer, inner.file, inner.line, inner.column)
        return super().place(pointer)


def bundle(document: Document, externals: Externals, limits: Limits) -> Document:
    """Return the document with all allowed external references inside it.

    Raises `TreatyError`: reference-external for what `externals` does not know, document-too-large
    beyond `limits.max_externals` texts or `limits.max_bytes` bytes in all, and as `parse`.
    """
    members: dict[str, Document] = {}
    roots: dict[str, Json] = {}
    size = len(document.text)
    pending = [("", document)]
    while pending:
        name, current = pending.pop()
        roots[name], targets = _rewrite(name or document.source, name, current, document.source)
        for target, node in targets.items():
            if target in members:
                continue
            if len(members) >= limits.max_externals:
                raise _refusal(current, node, "The external references are too many.")
            text = _fetch(target, externals, current, node)
            size += len(text)
            if size > limits.max_bytes:
                raise _refusal(current, node, "The document and its references are too large.")
            members[target] = parse(text, source=target, limits=limits)
            pending.append((target, members[target]))
    root = roots.pop("")
    if not members or not isinstance(root, dict):
        return document
    root = {**root, BUNDLED: roots}
    return Bundle(document.source, root, document.positions, document.text, members)


def _rewrite(base: str, name: str, document: Document, main: str) -> tuple[Json, dict[str, Node]]:
    """Return a copy whose references lead into the bundle, and the external targets."""
    replaced: dict[str, str] = {}
    targets: dict[str, Node] = {}
    for node in references(document):
        ref = cast("dict[str, str]", node.value)["$ref"]
        target, fragment = urldefrag(urljoin(base, ref) if not ref.startswith("#") else base + ref)
        if target == main:
            replaced[node.pointer] = "#" + fragment
            continue
        prefix = jp.join("", BUNDLED, target)
        replaced[node.pointer] = f"#{_quoted(prefix)}{fragment}"
        if target != name:
            targets.setdefault(target, node)
    return _copy(document.root, "", replaced), targets


def _copy(value: Json, pointer: str, replaced: Mapping[str, str]) -> Json:
    # Depth is bounded by the parser; shared (aliased) values become separate copies.
    if isinstance(value, list):
        return [_copy(item, jp.join(pointer, i), replaced) for i, item in enumerate(value)]
    if isinstance(value, dict):
        copied = {k: _copy(v, jp.join(pointer, k), replaced) for k, v in value.items()}
        if pointer in replaced:
            copied["$ref"] = replaced[pointer]
        return copied
    return value


def _quoted(pointer: str) -> str:
    # `%` first: the fragment is percent-decoded before it is read as a pointer.
    return pointer.replace("%", "%25").replace("#", "%23")


def _fetch(target: str, externals: Externals, document: Document, node: Node) -> bytes:
    try:
        return externals(target)
    except LookupError:
        sentence = "The reference leaves the document and is not on the allow-list."
        raise _refusal(document, node, sentence, external=True) from None


def _refusal(
    document: Document, node: Node, sentence: str, *, external: bool = False
) -> TreatyError:
    place = document.place(jp.join(node.pointer, "$ref"))
    detail = Detail(sentence, place.pointer, place.file, place.line, place.column)
    problem_type = catalog.REFERENCE_EXTERNAL if external else catalog.TOO_LARGE
    where = f"{place.file}:{place.line}:{place.column}"
    return TreatyError(problem_type, f"{where}: {sentence}", errors=(detail,))
