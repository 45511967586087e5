"""Retries, circuit breaker, times and concurrency towards an upstream, over real sockets."""

import asyncio

from gateway_world import response, until

JSON = "Content-Type: application/json"
BODY = b'{"project_id":"P-1"}'


def policy(spec):
    return f"policy: careful\nkind: upstream\nspec: {spec}".encode()


def scripted(*answers):
    """Answer one after the other; the last one for ever. None closes without an answer."""
    left = list(answers)

    def script(request, writer):
        status = left.pop(0) if len(left) > 1 else left[0]
        return None if status is None else response(status, BODY, JSON)

    return script


def test_asks_again_where_it_is_safe(run):
    async def test(running):
        reply = await running.call()
        assert reply.status == 200
        assert len(running.upstream.requests) == 3

    run(scripted(503, None, 200), test, policies=policy("{retries: {attempts: 2}}"))


def test_does_not_ask_again_without_a_policy(run):
    async def test(running):
        assert (await running.call()).status == 503
        assert len(running.upstream.requests) == 1

    run(scripted(503, 200), test)


def test_a_write_is_not_repeated(run):
    async def test(running):
        reply = await running.call("POST", "/projects", "writer", body=b"{}")
        assert reply.status == 503
        assert len(running.upstream.requests) == 1

    run(scripted(503, 201), test, policies=policy("{retries: {attempts: 2}}"))


def test_a_write_with_a_key_is_repeated_where_the_policy_says_so(run):
    async def test(running):
        reply = await running.call("POST", "/projects", "writer", "Idempotency-Key: k", body=b"{}")
        assert reply.status == 201
        assert [request.body for request in running.upstream.requests] == [b"{}", b"{}"]

    spec = "{retries: {attempts: 1, keyed_writes: true}}"
    run(scripted(503, 201), test, policies=policy(spec))


def test_retries_have_a_budget(run):
    async def test(running):
        for _ in range(20):
            await running.call()
        # Three are free, and one in ten calls on top.
        assert len(running.upstream.requests) <= 20 + 3 + 2

    spec = "{retries: {attempts: 1, budget_percent: 10}}"
    run(scripted(503), test, policies=policy(spec))


def test_the_circuit_opens_and_closes_again(run):
    async def test(running):
        for _ in range(3):
            assert (await running.call()).status == 502
        reply = await running.call()
        assert reply.status == 503
        assert reply.json()["type"] == "urn:treaty:problem:upstream-resting"
        assert int(reply.headers["retry-after"]) >= 1
        assert len(running.upstream.requests) == 3
        await asyncio.sleep(0.25)
        assert (await running.call()).status == 200
        assert (await running.call()).status == 200

    spec = "{circuit: {failures: 3, open_seconds: 0.2}}"
    run(scripted(None, None, None, 200), test, policies=policy(spec))


def test_a_failed_trial_opens_the_circuit_at_once(run):
    async def test(running):
        for _ in range(2):
            await running.call()
        await asyncio.sleep(0.25)
        assert (await running.call()).status == 502
        assert (await running.call()).status == 503

    spec = "{circuit: {failures: 2, open_seconds: 0.2}}"
    run(scripted(None), test, policies=policy(spec))


def test_calls_beyond_the_limit_are_shed(run):
    gates = []

    async def slow(request, writer):
        gate = asyncio.Event()
        gates.append(gate)
        await gate.wait()
        return response(200, BODY, JSON)

    async def test(running):
        first = [asyncio.create_task(running.call()) for _ in range(2)]
        await until(lambda: len(gates) == 2)
        shed = await running.call()
        assert (shed.status, shed.headers["retry-after"]) == (503, "1")
        for gate in gates:
            gate.set()
        assert [(await call).status for call in first] == [200, 200]
        again = asyncio.create_task(running.call())
        await until(lambda: len(gates) == 3)
        gates[2].set()
        assert (await again).status == 200

    run(slow, test, policies=policy("{max_concurrent: 2}"))


def test_the_first_byte_and_the_whole_answer_have_their_times(run):
    async def late(request, writer):
        if "/projects/P-2" in request.line:
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
            )
            for _ in range(9):
                writer.write(b"1")
                await asyncio.sleep(0.2)
            return b""
        await asyncio.sleep(30)
        return None

    async def test(running):
        assert (await running.call()).status == 504
        assert (await running.call(path="/projects/P-2")).status == 504

    spec = "{first_byte_seconds: 0.5, total_seconds: 1}"
    run(late, test, policies=policy(spec))
