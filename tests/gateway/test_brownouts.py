"""A brownout on the wire: announced, refused with a problem, over again; the exempt are served."""

from gateway_world import response

POLICY = b"""policy: going
kind: lifecycle
spec:
  exempt: {applications: [everything]}
  brownouts: [{from: '2027-01-15T08:00:00Z', until: '2027-01-15T09:00:00Z'}]
"""
STARTS = 1_800_000_000


def test_a_brownout_from_before_to_after(run):
    clock = [STARTS - 1.0]

    async def test(running):
        before = await running.call()
        assert before.status == 200
        assert before.headers["deprecation"] == "@1700000000"
        assert before.headers["treaty-brownout"] == "@1800000000;until=@1800003600"
        clock[0] = STARTS + 1800
        inside = await running.call()
        assert (inside.status, inside.headers["retry-after"]) == (503, "1800")
        problem = inside.json()
        assert problem["type"] == "urn:treaty:problem:version-brownout"
        assert problem["retry_after_seconds"] == 1800
        assert problem["policy"] == "going"
        assert inside.headers["deprecation"] == "@1700000000"
        assert (await running.call(key="everything")).status == 200
        assert (await running.call(key="")).status == 401
        clock[0] = STARTS + 3600
        after = await running.call()
        assert after.status == 200
        assert "treaty-brownout" not in after.headers
        assert len(running.upstream.requests) == 3

    script = response(200, b'{"project_id":"P-1"}', "Content-Type: application/json")
    run(
        lambda request, writer: script, test, policies=POLICY, clock=lambda: clock[0],
        state="deprecated", deprecated_at=1_700_000_000,
    )  # fmt: skip
