"""How the gateway says no: a denial with the rule behind it, and the problem that the client gets."""

import json

from contracts.problem import MEDIA_TYPE, Problem, ProblemType
from policies.decision import Decision, Denial
from policies.exchange import Exchange
from policies.snapshot import Source

Pairs = list[tuple[str, str]]


class Refused(Exception):  # noqa: N818  # a verdict, not a fault
    """Ends a call; `source` is the rule that refused, None where the gateway itself did."""

    def __init__(self, denial: Denial, source: Source | None = None) -> None:
        super().__init__(denial.problem.type.slug)
        self.denial = denial
        self.source = source

    @property
    def status(self) -> int:
        """Return the HTTP status of the refusal."""
        return self.denial.problem.type.status


def refused(
    kind: ProblemType, sentence: str, *headers: tuple[str, str], source: Source | None = None
) -> Refused:
    """Return the refusal to raise."""
    return Refused(Denial(Problem(kind, sentence), headers), source)


def problem_reply(
    refusal: Refused, request_id: str, exchange: Exchange | None = None
) -> tuple[int, Pairs, bytes]:
    """Return status, fields and body (RFC 9457) with the rule, contract and operation behind it."""
    problem, source = refusal.denial.problem, refusal.source
    members = problem.as_json(instance=f"urn:request:{request_id}") | {"request_id": request_id}
    if source is not None:
        members |= {
            "policy": source.policy,
            "policy_source": {"file": source.file, "line": source.line},
        }
    added: Pairs = []
    if exchange is not None:
        members |= {
            "contract": exchange.contract.contract,
            "contract_version": exchange.contract.version,
            "operation": exchange.operation.name,
        }
        added = exchange.added_headers
        _note(exchange, refusal)
    body = json.dumps(members, ensure_ascii=False).encode()
    fields = [("content-type", MEDIA_TYPE), ("cache-control", "no-store")]
    return problem.type.status, [*fields, *added, *refusal.denial.headers], body


def _note(exchange: Exchange, refusal: Refused) -> None:
    """Keep a refusal by the transport on behalf of a rule; enforcers' own are kept already."""
    source, slug = refusal.source, refusal.denial.problem.type.slug
    known = any(decision.enforced and decision.reason == slug for decision in exchange.decisions)
    if source is not None and not known:
        exchange.decisions.append(Decision("size-limit", "denied", slug, source, enforced=True))
