"""What observing policies would have refused."""

from policies.shadow import shadow


def entry(application, count, at="2026-11-20T10:00:00Z", *, enforced=False, outcome="denied"):
    decision = {
        "kind": "mask",
        "outcome": outcome,
        "reason": "r",
        "policy": "a",
        "enforced": enforced,
    }
    return {"at": at, "application": application, "count": count, "decisions": [decision]}


def test_calls_are_weighted_and_windowed():
    entries = [
        entry("x", 10),
        entry("y", 4),
        entry("z", 7, enforced=True),
        entry("z", 7, outcome="transformed"),
        entry("z", 7, at="2026-11-01T10:00:00Z"),
    ]
    assert shadow(entries, since="2026-11-15") == [
        {"policy": "a", "kind": "mask", "reason": "r", "calls": 14, "applications": ["x", "y"]}
    ]
