"""Every reference of the document: it must lead somewhere, and not back to itself."""

from contracts import pointer as jp
from contracts.errors import TreatyError
from contracts.refs import Resolver, references
from contracts.validate.issue import Issues, line


def check(issues: Issues) -> None:
    """Note references that lead nowhere, outside, or in a circle (once per circle)."""
    resolver = Resolver(issues.document)
    in_circle: set[str] = set()
    for node in references(issues.document):
        pointer = jp.join(node.pointer, "$ref")
        if issues.full or pointer in in_circle:
            continue
        try:
            resolver.resolve(node)
        except TreatyError as error:
            problem = error.problem
            first = problem.errors[0]
            if len(problem.errors) == 1 and problem.type.slug != "reference-cycle":
                # A broken link further down the chain is reported where it is written.
                issues.add(problem.type.slug, first.detail, first.pointer)
                continue
            in_circle.update(detail.pointer for detail in problem.errors)
            where = ", ".join(str(line(issues.document, d.pointer)) for d in problem.errors[:10])
            sentence = f"References lead in a circle: line {where}, and back."
            issues.add(problem.type.slug, sentence, first.pointer)
