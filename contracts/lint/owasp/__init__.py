"""Functions of the OWASP pack that the core functions cannot say; one explicit list."""

from collections.abc import Mapping

from contracts.lint.function import Function
from contracts.lint.owasp import access, answers, bounds

OWASP_FUNCTIONS: Mapping[str, Function] = {
    "adminApart": access.admin_apart,
    "answered": answers.answered,
    "bounded": bounds.bounded,
    "closed": bounds.closed,
    "hasHeader": answers.has_header,
    "restricted": access.restricted,
}
