"""Every function that a ruleset may name, of all packs; a name that two packs claim is refused."""

from collections.abc import Mapping
from itertools import chain

from contracts.lint.function import Function
from contracts.lint.functions import FUNCTIONS as CORE_FUNCTIONS
from contracts.lint.governance import GOVERNANCE_FUNCTIONS
from contracts.lint.oas import OAS_FUNCTIONS
from contracts.lint.owasp import OWASP_FUNCTIONS


def _merged(*packs: Mapping[str, Function]) -> Mapping[str, Function]:
    merged = dict(chain.from_iterable(pack.items() for pack in packs))
    if len(merged) != sum(len(pack) for pack in packs):
        raise ValueError("two packs claim the same function")
    return merged


FUNCTIONS: Mapping[str, Function] = _merged(
    CORE_FUNCTIONS, GOVERNANCE_FUNCTIONS, OAS_FUNCTIONS, OWASP_FUNCTIONS
)
