"""CORS preflights: OPTIONS that ask for another method, answered by that operation's rule alone.

A browser sends them without credentials, so no other rule could judge them.
"""

from contracts import catalog
from gateway import judge
from gateway.refusal import refused
from gateway.routes import Found
from gateway.runtime import BoundRule, Runtime, Target
from gateway.wire.request import Request
from policies.decision import Instead
from policies.exchange import Exchange

_KIND = "cors"


def find(runtime: Runtime, request: Request) -> Found[Target] | None:
    """Return the operation that a preflight asks for, where a policy answers it; else None.

    Raises `Refused`: ambiguous-path, route-not-found, method-not-allowed.
    """
    fields = request.fields.joined
    wanted = fields.get("access-control-request-method")
    if request.method != "OPTIONS" or wanted is None or "origin" not in fields:
        return None
    found = runtime.find(wanted, request)
    return found if found.target.owns_cors else None


def answer(exchange: Exchange, target: Target, runtime: Runtime) -> Instead:
    """Return the answer. Raises `Refused`."""
    rules: list[BoundRule] = [rule for rule in target.head_rules if rule.kind == _KIND]
    instead = judge.on_request(rules, exchange, runtime.ports)
    if instead is None:
        # It must never reach the upstream: nothing else has judged it.
        raise refused(catalog.METHOD_NOT_ALLOWED, "No policy answers this preflight.")
    return instead
