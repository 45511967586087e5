"""Runs the rules of an operation over an exchange; what is only observed leaves no trace."""

from collections.abc import Callable

from contracts import catalog
from contracts.problem import Problem
from gateway.faults import log_fault
from gateway.refusal import Refused
from gateway.runtime import BoundRule
from policies.decision import Decision, Denial
from policies.exchange import Exchange, Ports
from policies.kind import Enforcer

_Step = Callable[[Enforcer, Exchange, Ports], Denial | None]


def on_request(rules: tuple[BoundRule, ...], exchange: Exchange, ports: Ports) -> None:
    """Judge the request. Raises `Refused` at the first enforced denial."""
    _run(rules, exchange, ports, lambda enforcer, *facts: enforcer.on_request(*facts))
    if exchange.grant is not None:
        # A token may carry scopes for other contracts; here only the grant's count.
        exchange.scopes &= frozenset(exchange.grant.scopes)


def on_response(rules: tuple[BoundRule, ...], exchange: Exchange, ports: Ports) -> None:
    """Judge and transform the response. Raises `Refused` at the first enforced denial."""
    _run(rules, exchange, ports, lambda enforcer, *facts: enforcer.on_response(*facts))


def _run(rules: tuple[BoundRule, ...], exchange: Exchange, ports: Ports, step: _Step) -> None:
    for rule in rules:
        body, headers = exchange.response_body, list(exchange.added_headers)
        denial = _ask(rule, exchange, ports, step)
        if denial is not None:
            _note(exchange, rule, "denied", denial.problem.type.slug)
        elif exchange.response_body is not body:
            _note(exchange, rule, "transformed", "")
        if not rule.enforced:
            exchange.response_body, exchange.added_headers = body, headers
        elif denial is not None:
            raise Refused(denial, rule.source)


def _ask(rule: BoundRule, exchange: Exchange, ports: Ports, step: _Step) -> Denial | None:
    try:
        return step(rule.enforcer, exchange, ports)
    except Exception as error:  # noqa: BLE001  # a broken rule must refuse the call, not open it
        what = f"request {exchange.request_id}: {rule.kind} of policy {rule.source.policy}"
        log_fault(what, error)
        sentence = "A policy could not be evaluated; the call is refused."
        return Denial(Problem(catalog.INTERNAL, sentence))


def _note(exchange: Exchange, rule: BoundRule, outcome: str, reason: str) -> None:
    decision = Decision(rule.kind, outcome, reason, rule.source, rule.enforced)
    exchange.decisions.append(decision)
