"""How much of a foreign text is read before it is refused; every reader of documents asks here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one document; what exceeds them is refused, never cut."""

    max_bytes: int = 25 * 1024 * 1024
    max_depth: int = 200  # validators recurse a few frames per level; Python allows 1,000
    max_nodes: int = 1_000_000
    max_alias_expansion: int = 100_000  # nodes that aliases add when written out
    max_digits: int = 400
    max_documents: int = 1_000  # in one YAML stream
    max_refs: int = 100_000  # members called $ref
    max_externals: int = 100


DEFAULT = Limits()
