"""Runs the rules of an operation over an exchange; what is only observed leaves no trace."""

from collections.abc import Awaitable, Callable, Sequence

from contracts import catalog
from contracts.problem import Problem
from gateway.faults import log_fault
from gateway.refusal import Refused
from gateway.runtime import BoundRule
from policies.decision import Decision, Denial, Instead, Word
from policies.exchange import Exchange, NotYetError, Ports

_Step = Callable[[Exchange, Ports], Word]


class PausedError(Exception):
    """The rule at `index` waits for the outside: await `resume`, then go on with that rule."""

    def __init__(self, index: int, resume: Callable[[], Awaitable[None]]) -> None:
        super().__init__(index)
        self.index = index
        self.resume = resume


def on_request(
    rules: Sequence[BoundRule], exchange: Exchange, ports: Ports, start: int = 0
) -> Instead | None:
    """Judge the request, and return what a rule answers in place of the upstream.

    Raises `Refused` at the first enforced denial, `PausedError` where a rule has to wait.
    """
    index = start
    rule: BoundRule | None = None
    try:
        for index in range(start, len(rules)):
            rule = rules[index]
            if not rule.plain:
                word = _with_care(rule, rule.on_request, exchange, ports)
            else:
                word = rule.on_request(exchange, ports)
            if word is not None:
                return _spoken(exchange, rule, word)
    except NotYetError as wait:
        raise PausedError(index, wait.resume) from None
    except Refused:
        raise
    except Exception as error:  # a broken rule must refuse the call, not open it
        if rule is None:
            raise
        return _spoken(exchange, rule, _broken(rule, exchange, error))
    return None


def on_response(rules: Sequence[BoundRule], exchange: Exchange, ports: Ports) -> Instead | None:
    """Judge and transform the response. Raises `Refused` at the first enforced denial."""
    for rule in rules:
        body = exchange.response_body
        try:
            if not rule.plain:
                word = _with_care(rule, rule.on_response, exchange, ports)
            else:
                word = rule.on_response(exchange, ports)
        except Exception as error:  # noqa: BLE001  # a broken rule must refuse the call, not open it
            word = _broken(rule, exchange, error)
        if word is not None:
            return _spoken(exchange, rule, word)
        if exchange.response_body is not body:
            _note(exchange, rule, "transformed", "")
    return None


def _spoken(exchange: Exchange, rule: BoundRule, word: Denial | Instead) -> Instead:
    if isinstance(word, Instead):
        _note(exchange, rule, "answered", "")
        return word
    _note(exchange, rule, "denied", word.problem.type.slug)
    raise Refused(word, rule.source)


def _with_care(rule: BoundRule, step: _Step, exchange: Exchange, ports: Ports) -> Word:
    """Ask a conditional or observing rule; an observing one changes nothing that is seen."""
    if rule.when is not None and not rule.when(exchange):
        return None
    if rule.enforced:
        return step(exchange, ports)
    body, sent = exchange.response_body, exchange.request_body
    headers, shown = list(exchange.added_headers), exchange.shown_headers
    try:
        word = step(exchange, ports)
    except NotYetError:
        raise
    except Exception as error:  # noqa: BLE001  # noted like a denial; the call goes on
        word = _broken(rule, exchange, error)
    if isinstance(word, Denial):
        _note(exchange, rule, "denied", word.problem.type.slug)
    elif word is not None:
        _note(exchange, rule, "answered", "")
    elif exchange.response_body is not body:
        _note(exchange, rule, "transformed", "")
    exchange.response_body, exchange.request_body = body, sent
    exchange.added_headers, exchange.shown_headers = headers, shown
    return None


def _broken(rule: BoundRule, exchange: Exchange, error: Exception) -> Denial:
    what = f"request {exchange.request_id}: {rule.kind} of policy {rule.source.policy}"
    log_fault(what, error)
    sentence = "A policy could not be evaluated; the call is refused."
    return Denial(Problem(catalog.INTERNAL, sentence))


def _note(exchange: Exchange, rule: BoundRule, outcome: str, reason: str) -> None:
    decision = rule.said.get((outcome, reason))
    if decision is None:
        # One object for equal words: the ledger counts calls by what was decided.
        decision = Decision(rule.kind, outcome, reason, rule.source, rule.enforced)
        rule.said[outcome, reason] = decision
    exchange.decisions.append(decision)
