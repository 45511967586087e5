"""One call from request to reply; the whole order of the gateway stands in `answer`."""

import asyncio
import json
from collections.abc import AsyncIterator

from contracts import catalog
from contracts.errors import TreatyError
from contracts.problem import MEDIA_TYPE
from gateway import judge
from gateway.buffering import collect
from gateway.faults import log_fault
from gateway.refusal import Refused, refused
from gateway.runtime import Runtime, Target
from gateway.transport.downstream import Call, ClientGoneError, Reply, declared_length
from gateway.transport.headers import for_this_caller, joined, to_client, to_upstream
from gateway.transport.upstream import Answer, Outbound, Upstream
from policies.decision import Decision, Denial
from policies.exchange import Exchange

_BODILESS = frozenset({204, 304})


async def answer(call: Call, runtime: Runtime | None, upstream: Upstream) -> Reply:
    """Return the reply, a problem where the call is refused. Raises only `ClientGoneError`."""
    try:
        runtime = _live(runtime)
        found = runtime.routes.find(call.method, call.raw_path)
        target = found.target
        exchange = call.exchange = _exchange(call, target, found.path)
        judge.on_request(target.rules, exchange, runtime.ports)
        body: bytes | AsyncIterator[bytes] = b""
        response = await upstream.send(_outbound(call, exchange, target))
        try:
            exchange.status = response.status
            exchange.response_headers = joined(response.fields)
            if not _bodiless(exchange):
                async with asyncio.timeout(target.contract.timeout_seconds):
                    body = await collect(response, target)
            exchange.response_body = body if isinstance(body, bytes) else None
            judge.on_response(target.rules, exchange, runtime.ports)
            return _reply(exchange, response, target, body)
        except BaseException:
            response.close()
            raise
    except Refused as refusal:
        return refuse(call, refusal)
    except TreatyError as error:
        return refuse(call, Refused(Denial(error.problem)))
    except TimeoutError:
        return refuse(call, refused(catalog.UPSTREAM_TIMEOUT, "The upstream's body took too long."))
    except ClientGoneError:
        raise
    except Exception as error:  # noqa: BLE001  # the edge: whatever broke, the client gets a problem
        log_fault(f"request {call.id}", error)
        return refuse(call, refused(catalog.INTERNAL, "Something failed on our side."))


def _live(runtime: Runtime | None) -> Runtime:
    if runtime is None:
        raise refused(catalog.NOT_READY, "No snapshot is live yet.", ("Retry-After", "1"))
    return runtime


def not_found(call: Call) -> Reply:
    """Return the 404 problem."""
    return refuse(call, refused(catalog.ROUTE_NOT_FOUND, "There is nothing at this path."))


def refuse(call: Call, refusal: Refused) -> Reply:
    """Return the problem details (RFC 9457) with the rule, contract and operation behind them."""
    problem, exchange, source = refusal.denial.problem, call.exchange, refusal.source
    members = problem.as_json(instance=f"urn:request:{call.id}") | {"request_id": call.id}
    if source is not None:
        members |= {
            "policy": source.policy,
            "policy_source": {"file": source.file, "line": source.line},
        }
    added: list[tuple[str, str]] = []
    if exchange is not None:
        members |= {
            "contract": exchange.contract.contract,
            "contract_version": exchange.contract.version,
            "operation": exchange.operation.name,
        }
        added = exchange.added_headers
        _note(exchange, refusal)
    body = json.dumps(members, ensure_ascii=False).encode()
    fields = [
        ("content-type", MEDIA_TYPE),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
    ]
    return Reply(problem.type.status, [*fields, *added, *refusal.denial.headers], body)


def _note(exchange: Exchange, refusal: Refused) -> None:
    """Keep a refusal by the transport on behalf of a rule; enforcers' own are kept already."""
    source, slug = refusal.source, refusal.denial.problem.type.slug
    known = any(decision.enforced and decision.reason == slug for decision in exchange.decisions)
    if source is not None and not known:
        exchange.decisions.append(Decision("size-limit", "denied", slug, source, enforced=True))


def _exchange(call: Call, target: Target, path: str) -> Exchange:
    return Exchange(
        method=call.method,
        path=path,
        query=call.query,
        headers=call.headers,
        client=call.client,
        request_id=call.id,
        contract=target.contract,
        operation=target.operation,
        request_length=declared_length(call),
    )


def _outbound(call: Call, exchange: Exchange, target: Target) -> Outbound:
    contract = target.contract
    url = contract.upstream.rstrip("/") + exchange.path
    return Outbound(
        method=call.method,
        url=f"{url}?{call.query}" if call.query else url,
        fields=to_upstream(call.fields, exchange, target, host=call.headers.get("host", "")),
        body=call.body.bounded(target.bounds) if call.has_body else None,
        timeout_seconds=contract.timeout_seconds,
    )


def _bodiless(exchange: Exchange) -> bool:
    return exchange.method == "HEAD" or exchange.status in _BODILESS


def _reply(
    exchange: Exchange, response: Answer, target: Target, body: bytes | AsyncIterator[bytes]
) -> Reply:
    """Return the reply; `body` is what the upstream sent, the exchange has what rules made of it."""
    bodiless = _bodiless(exchange)
    streamed = not isinstance(body, bytes)
    shown = body if streamed else exchange.response_body or b""
    changed = shown is not body if not bodiless else target.changes_body
    fields = to_client(response.fields, exchange, changed=changed)
    if isinstance(shown, bytes) and not bodiless:
        fields = [field for field in fields if field[0] != "content-length"]
        fields.append(("content-length", str(len(shown))))
    if target.changes_body:
        fields = for_this_caller(fields)
    return Reply(
        exchange.status,
        [*fields, ("via", "1.1 treaty"), *exchange.added_headers],
        shown,
        response.close,
    )
