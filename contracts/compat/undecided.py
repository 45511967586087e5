"""Reports for what could not be judged at all, so that every judgement has the same form.

Called by `contracts.compat.judge`, and by the command line where a text cannot even be fetched.
"""

from contracts.document import Place
from contracts.problem import Problem
from contracts.report import Bump, Certainty, Direction, Effect, Finding, Level, Report, Verdict

STOPPED = "part-undecided"
_READ = "Correct the text at the place that is named, or hand in another one."


def report(*findings: Finding) -> Report:
    """Return the undecided report that says why."""
    stats: dict[str, float] = {"seconds": 0.0, "nodes": 0}
    return Report(Verdict.UNDECIDED, Bump.NONE, findings, stats=stats)


def unreadable(problem: Problem, *, side: str, source: str) -> Finding:
    """Return the finding for a text that cannot be read; `side` is `old` or `new`.

    The rule is the slug of the problem; the place is the first that the problem names.
    """
    detail = next(iter(problem.errors), None)
    place = Place("", source, 1, 1)
    message = problem.detail
    if detail is not None:
        name, line, column = detail.file or source, max(detail.line, 1), max(detail.column, 1)
        place = Place(detail.pointer, name, line, column)
        message = detail.detail
    old, new = (place, None) if side == "old" else (None, place)
    sentence = f"the {side} text cannot be read: {message.rstrip('.')}"
    return _finding(problem.type.slug, sentence, _READ, old, new)


def stopped(reason: str) -> Finding:
    """Return the finding for a judgement that did not come to its end."""
    fix = "Judge smaller parts, or simplify what is nested or repeated."
    return _finding(STOPPED, f"the contract: {reason}", fix, None, None)


def refused(problem: Problem) -> Finding:
    """Return the finding for a request that asks for something impossible."""
    fix = "Correct the request; `treaty schema report` and docs/machine-interface.md describe it."
    message = "; ".join(each.detail.rstrip(".") for each in problem.errors) or problem.detail
    return _finding(problem.type.slug, f"the request: {message.rstrip('.')}", fix, None, None)


def _finding(rule: str, message: str, fix: str, old: Place | None, new: Place | None) -> Finding:
    return Finding(
        rule=rule,
        level=Level.WARNING,
        direction=Direction.NONE,
        effect=Effect.UNKNOWN,
        message=message,
        old=old,
        new=new,
        fix=fix,
        certainty=Certainty.UNDECIDED,
    )
