"""The order of checks over one contract; called when one is published, checked or imported."""

from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats import from_document
from contracts.formats.reader import Reader
from contracts.model import Contract, Format
from contracts.validate import channels, defaults, paths, references, security, specification
from contracts.validate.issue import Issue, Issues


def validate(contract: Contract) -> tuple[Issue, ...]:
    """Return what the contract breaks of its specification, in the order of the text.

    At most 500 issues; the last one says so when there were more. Never fetches anything.
    """
    issues = Issues(contract.document)
    try:
        if contract.format is Format.ASYNCAPI:
            channels.check(issues, contract)
        else:
            specification.check(issues, contract.dialect)
    except RecursionError:
        sentence = "The document is nested too deeply to be checked completely."
        issues.add("not-decidable", sentence, "")
    references.check(issues)
    if contract.format is Format.OPENAPI:
        paths.check(issues, Reader(contract.document), contract.dialect)
        security.check(issues, contract)
        defaults.check(issues, contract.dialect)
    return issues.sorted()


def validate_document(document: Document) -> tuple[Issue, ...]:
    """Return the issues of a parsed text, also of one that is no contract at all."""
    try:
        contract = from_document(document)
    except TreatyError as error:
        issues = Issues(document)
        for detail in error.problem.errors:
            issues.add(error.problem.type.slug, detail.detail, detail.pointer)
        return issues.sorted()
    return validate(contract)
