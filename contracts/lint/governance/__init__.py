"""Functions of our governance pack that the core functions cannot say; one file each."""

from collections.abc import Mapping

from contracts.lint.function import Function
from contracts.lint.governance import examples, naming, pagination, personal, secured

GOVERNANCE_FUNCTIONS: Mapping[str, Function] = {
    "classified": personal.classified,
    "consistentCase": naming.consistent_case,
    "hasExample": examples.has_example,
    "offersPagination": pagination.offers_pagination,
    "secured": secured.secured,
}
