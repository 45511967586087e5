"""`treaty exceptions` against a registry that answers as told: causes, canaries, edits, previews."""

import pytest

CAUSE = "0123456789abcdef"
ASK = f"/v1/exception-causes/{CAUSE}/ask"
PREVIEW = {
    "at": "2026-03-01T12:00:00Z", "ends": "sends", "step": "", "sentence": "", "tells": [
        {"step": "told", "type": "project.activated", "subject": "P-1"}],
    "sends": [{"step": "invoice", "operation": "erp.createInvoice", "with": {"id": "7"},
               "body": {"total": "3.30"}, "key": "invoice:D1", "once": "key", "same_as_before": True}],
}  # fmt: skip


@pytest.fixture
def signed_in(registry, treaty):
    """The command line, with a registry to ask."""
    return treaty


def exception(registry, number, state):
    path = f"/v1/exceptions/{number:016x}"
    history = [{"what": "happened"}]
    registry.on(
        "GET", path, {"id": f"{number:016x}", "state": state, "wish": None, "history": history}
    )
    return f"{number:016x}"


def test_causes_tell_count_and_stake(registry, signed_in):
    registry.on("GET", "/v1/exception-causes", {"items": [
        {"cause": CAUSE, "flow": "f", "step": "s", "category": "outage", "sentence": "away", "count": 7,
         "overdue": 2, "at_stake": [{"currency": "EUR", "amount": "23.10"}], "owners": ["finance"]}]})  # fmt: skip
    done = signed_in("exceptions", "causes")
    assert (done.exit_code, "23.10 EUR" in done.stdout) == (0, True)
    assert "1 causes of 7 exceptions" in done.stderr
    assert f"retry --cause {CAUSE}" in done.stderr


def test_a_canary_that_is_not_healed_stops_the_rest(registry, signed_in):
    first = [exception(registry, 1, "resolved"), exception(registry, 2, "open")]
    registry.on("POST", ASK, {"asked": first, "left": 40}, status=202)
    done = signed_in("exceptions", "retry", "--cause", CAUSE)
    assert done.exit_code == 1
    assert "1 of the first 2 are not healed; 40 were left alone" in " ".join(done.stderr.split())
    assert [body["most"] for body in registry.bodies("POST", ASK)] == [5]


def test_all_of_a_cause_are_discarded_with_the_reason(registry, signed_in):
    registry.on(
        "POST", ASK, {"asked": [exception(registry, 1, "discarded")], "left": 0}, status=202
    )
    done = signed_in("exceptions", "discard", "--cause", CAUSE, "--reason", "doubles")
    assert (done.exit_code, "1 asked to discard" in done.stderr) == (0, True)
    assert registry.bodies("POST", ASK) == [{"act": "discard", "reason": "doubles", "most": 1000}]


def test_a_preview_says_what_would_leave_and_why_it_acts_once(registry, signed_in):
    path = "/v1/exceptions/7/preview"
    registry.on("POST", path, {"preview": None}, status=202)
    registry.on("GET", path, {"preview": PREVIEW})
    done = signed_in("exceptions", "preview", "7")
    assert done.exit_code == 0
    assert "invoice: erp.createInvoice" in done.stdout
    assert "the same request as before; sent under the same idempotency key" in done.stdout
    assert "told: tells project.activated of P-1" in done.stdout
    assert "it would send 1, nothing was sent" in done.stderr


def test_an_edit_that_breaks_the_contract_is_told(registry, signed_in, here):
    (here / "body.json").write_text('{"total": 3}')
    said = "not done: The body breaks the contract of erp.createInvoice"
    registry.on("POST", "/v1/exceptions/7/edit", {}, status=202)
    registry.on(
        "GET", "/v1/exceptions/7", {"state": "open", "wish": None, "history": [{"reason": said}]}
    )
    done = signed_in("exceptions", "edit", "7", "--body", "body.json", "--reason", "typo")
    assert (done.exit_code, said in " ".join(done.stderr.split())) == (1, True)
    assert registry.bodies("POST", "/v1/exceptions/7/edit") == [
        {"reason": "typo", "body": {"total": 3}}
    ]


@pytest.mark.parametrize(
    "line",
    [
        ("retry",), ("retry", "7", "--cause", CAUSE), ("discard", "--reason", "x"),
        ("edit", "7", "--reason", "x"),
    ],
)  # fmt: skip
def test_what_is_meant_must_be_said(registry, signed_in, line):
    assert signed_in("exceptions", *line).exit_code == 2
    assert registry.seen == []


def test_a_file_that_is_no_json(registry, signed_in, here):
    (here / "body.json").write_text("{")
    done = signed_in("exceptions", "edit", "7", "--body", "body.json", "--reason", "x")
    assert (done.exit_code, "is not JSON" in done.stderr) == (2, True)
    assert registry.seen == []


def test_the_past_of_an_exception_is_told_in_lines(registry, signed_in):
    moment = "2026-03-01T12:00:00.123456Z"
    registry.on("GET", "/v1/exceptions/7", {
        "id": "7", "state": "open",
        "changes": [{"at": moment, "what": "policy.written", "subject": "demo", "by": "person:kim"}],
        "history": [{"at": moment, "what": "retrying", "by": "person:kim", "reason": "mended"}],
    })  # fmt: skip
    lines = signed_in("exceptions", "show", "7").stdout.splitlines()
    assert lines[-2:] == [
        "before: 2026-03-01 12:00:00 policy.written demo by person:kim",
        "2026-03-01 12:00:00 retrying by person:kim: mended",
    ]
