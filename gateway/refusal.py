"""How the gateway says no: a denial with the rule behind it, on its way to the client."""

from contracts.problem import Problem, ProblemType
from policies.decision import Denial
from policies.snapshot import Source


class Refused(Exception):  # noqa: N818  # a verdict, not a fault
    """Ends a call; `source` is the rule that refused, None where the gateway itself did."""

    def __init__(self, denial: Denial, source: Source | None = None) -> None:
        super().__init__(denial.problem.type.slug)
        self.denial = denial
        self.source = source


def refused(
    kind: ProblemType, sentence: str, *headers: tuple[str, str], source: Source | None = None
) -> Refused:
    """Return the refusal to raise."""
    return Refused(Denial(Problem(kind, sentence), headers), source)
