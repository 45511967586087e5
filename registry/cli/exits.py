"""The exit codes: a stable interface for scripts and pipelines."""

from enum import IntEnum

from contracts import catalog
from contracts.problem import Problem


class Exit(IntEnum):
    """How a run of `treaty` ended."""

    PASS = 0
    REFUSED = 1
    USAGE = 2
    UNDECIDED = 3
    SIGNED_OUT = 4
    INTERRUPTED = 130


MEANING = {
    Exit.PASS: "pass: done, compatible, verified",
    Exit.REFUSED: "the gate says no: breaking, refused by the registry, a check failed",
    Exit.USAGE: "wrong usage: an option, a value, a missing file, a port that is taken",
    Exit.UNDECIDED: "could not decide: network, parse error, unknown name, registry down, undecided",
    Exit.SIGNED_OUT: "not signed in: no credentials, or the registry does not accept them",
    Exit.INTERRUPTED: "interrupted by Ctrl-C (128 + SIGINT)",
}

_USAGE = {
    catalog.PORT_TAKEN,
    catalog.INVALID_REQUEST,
    catalog.MALFORMED_REQUEST,
    catalog.INVALID_RULESET,
}

# Nothing was judged: the document, the name or the server could not be read.
_UNDECIDED = {
    catalog.NOT_READABLE,
    catalog.TOO_LARGE,
    catalog.TOO_DEEP,
    catalog.ALIAS_BOMB,
    catalog.DUPLICATE_KEY,
    catalog.UNKNOWN_FORMAT,
    catalog.REFERENCE_UNRESOLVED,
    catalog.REFERENCE_CYCLE,
    catalog.REFERENCE_EXTERNAL,
    catalog.NOT_FOUND,
    catalog.UNREACHABLE,
    catalog.BODY_TOO_LARGE,
    catalog.SNAPSHOT_REJECTED,
}


def of(problem: Problem) -> Exit:
    """Return the exit code for a problem, whether it was raised here or by the registry."""
    slugs = {kind.slug for kind in _USAGE}, {kind.slug for kind in _UNDECIDED}
    if problem.type.status == catalog.UNAUTHENTICATED.status:
        return Exit.SIGNED_OUT
    if problem.type.slug in slugs[0]:
        return Exit.USAGE
    if problem.type.slug in slugs[1]:
        return Exit.UNDECIDED
    server_failed = problem.type.status >= catalog.INTERNAL.status
    if server_failed and problem.type.slug != catalog.AUDIT_BROKEN.slug:
        return Exit.UNDECIDED
    return Exit.REFUSED
