"""Preflights and the replies to pages through a real gateway."""

from gateway_world import response

JSON = "Content-Type: application/json"
PAGE = "Origin: https://app.example.com"
POLICY = (
    b"policy: pages\nkind: cors\nspec: {origins: ['https://app.example.com'], headers: [X-Page]}"
)


def upstream(request, writer):
    return response(200, b'{"project_id":"P-1"}', JSON, "Access-Control-Allow-Origin: *", "Vary: A")


def ask(running, method="PATCH", *fields, path="/projects/P-1", key=""):
    wanted = f"Access-Control-Request-Method: {method}"
    return running.call("OPTIONS", path, key, wanted, *fields)


def test_a_preflight_is_answered_without_credentials(run):
    async def test(running):
        reply = await ask(running, "PATCH", PAGE, "Access-Control-Request-Headers: x-page")
        assert (reply.status, reply.body) == (204, b"")
        assert reply.headers["access-control-allow-origin"] == "https://app.example.com"
        assert reply.headers["access-control-allow-methods"] == "PATCH"
        allowed = reply.headers["access-control-allow-headers"].split(", ")
        assert {"authorization", "content-type", "x-page"} <= set(allowed)
        assert reply.headers["access-control-max-age"] == "600"
        assert "Access-Control-Request-Method" in reply.headers["vary"]
        assert running.upstream.requests == []

    run(upstream, test, policies=POLICY)


def test_preflights_that_are_refused(run):
    async def test(running):
        other = await ask(running, "PATCH", "Origin: https://evil.example")
        assert other.status == 403
        assert other.json()["type"] == "urn:treaty:problem:origin-not-allowed"
        assert "access-control-allow-origin" not in other.headers
        assert (await ask(running, "DELETE", PAGE)).status == 405
        assert (await ask(running, "GET", PAGE, path="/nothing")).status == 404
        # Without the two fields it is no preflight.
        assert (await ask(running)).status == 405
        assert (await running.call("OPTIONS", "/projects/P-1", "", PAGE)).status == 405
        assert running.upstream.requests == []

    run(upstream, test, policies=POLICY)


def test_without_a_policy_there_is_no_answer(run):
    async def test(running):
        assert (await ask(running, "PATCH", PAGE)).status == 405

    run(upstream, test)


def test_a_policy_that_observes_answers_nothing(run):
    async def test(running):
        assert (await ask(running, "PATCH", PAGE)).status == 405
        assert running.upstream.requests == []

    run(upstream, test, policies=POLICY.replace(b"spec", b"mode: observe\nspec"))


def test_only_our_word_counts(run):
    async def test(running):
        reply = await running.call("GET", "/projects/P-1", "reader", PAGE)
        assert reply.headers["access-control-allow-origin"] == "https://app.example.com"
        assert "RateLimit" in reply.headers["access-control-expose-headers"]
        assert set(reply.headers["vary"].split(", ")) == {"A", "Origin"}
        other = await running.call("GET", "/projects/P-1", "reader", "Origin: https://evil.example")
        assert other.status == 200
        assert "access-control-allow-origin" not in other.headers
        refused = await running.call("GET", "/projects/P-1", "", PAGE)
        assert refused.status == 401
        assert refused.headers["access-control-allow-origin"] == "https://app.example.com"

    run(upstream, test, policies=POLICY)
