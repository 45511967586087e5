"""The one exception of the domain: a problem on its way to an edge.

TreatyError
    carries a Problem; raised by every floor, translated once per edge
    (registry and gateway to HTTP, the CLI to text or JSON)
"""

from contracts.problem import Detail, Problem, ProblemType


class TreatyError(Exception):
    """A refusal with a problem type, a sentence, places and further members."""

    def __init__(
        self,
        problem_type: ProblemType,
        detail: str,
        *,
        errors: tuple[Detail, ...] = (),
        **extensions: object,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(problem_type, detail, errors, extensions)
