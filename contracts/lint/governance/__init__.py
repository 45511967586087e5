"""Functions of our governance pack that the core functions cannot say; one file each."""

from collections.abc import Mapping

from contracts.lint.function import Function

GOVERNANCE_FUNCTIONS: Mapping[str, Function] = {}
