"""The schemas that rules of one version validate against: written once, named, plain data.

Filled while the rules are compiled; travels in the snapshot; `Validators` reads it.
"""

from contracts import catalog
from contracts.containment.bundle import Definitions, TooLargeError
from contracts.containment.words import Side
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Contract, Node
from contracts.refs import Resolver
from contracts.report import Direction


class SchemaTable:
    """Names for schemas of one contract; readOnly and writeOnly members go by direction."""

    def __init__(self, contract: Contract) -> None:
        self.resolver = Resolver(contract.document)
        self._contract = contract
        self._known: dict[Direction, Definitions] = {}

    def name(self, node: Node | None, direction: Direction) -> str | bool:
        """Return the name of the schema, or what it says of every value.

        Raises `TreatyError` for a reference that leads nowhere: what cannot be judged is no rule.
        """
        if node is None:
            return True
        known = self._known.get(direction)
        if known is None:
            side = Side(
                direction.value, self.resolver, self._contract.dialect, direction, infers=False
            )
            side.asserts = True
            prefix = direction.value[:3]
            known = self._known[direction] = Definitions(side, broken=None, prefix=prefix)
        try:
            found = known.refer(node)
        except TooLargeError:
            raise _too_large() from None
        return found if isinstance(found, bool) else _named(found)

    def written(self) -> dict[str, object]:
        """Return the definitions by name: JSON Schema 2020-12, references among themselves."""
        return {
            name: schema for known in self._known.values() for name, schema in known.written.items()
        }


def _named(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2] if isinstance(reference, dict) else ""


def _too_large() -> TreatyError:
    return TreatyError(catalog.TOO_LARGE, "The contract has too many schemas to validate against.")
