"""The newcomer's story of flows: win a deal, invoice, meet an exception, repair it, try again."""

import json
import time
import urllib.request

import pytest
from newcomer import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def act(treaty, name, **given):
    url = f"http://127.0.0.1:{treaty.ports[2]}/-/act/{name}"
    with urllib.request.urlopen(url, json.dumps(given).encode(), timeout=10) as answer:
        return json.load(answer)


def listed(treaty, *command):
    return json.loads(treaty.run(*command, "--format", "json").stdout)


def run_in(treaty, flow, *states):
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        found = listed(treaty, "runs", "--flow", flow)
        if found and found[0]["state"] in states:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(found)


def test_from_a_won_deal_to_a_mended_invoice(treaty):
    won = json.loads(treaty.curl(treaty.curls()[6]))
    deal = won["opportunity"]
    assert run_in(treaty, "opportunity-to-project", "done")["business_key"] == deal

    act(treaty, "close-period", period="2026-05")
    act(treaty, "approve-time", project=deal, period="2026-05")
    held = run_in(treaty, "approved-time-to-invoice", "exception")
    (exception,) = listed(treaty, "exceptions", "list")
    assert (exception["run"], exception["category"]) == (held["id"], "conflict")
    assert (exception["amount"], exception["currency"]) == ("3207.75", "EUR")
    shown = treaty.run("exceptions", "show", exception["id"])
    assert "putDraftInvoice answered 409" in shown.stdout

    a_change_of_the_erp_names_the_flows_that_it_breaks(treaty)
    act(treaty, "open-period", period="2026-05")
    previewed = treaty.run("exceptions", "preview", exception["id"])
    assert "erp.putDraftInvoice" in previewed.stdout
    assert "the same request as before" in previewed.stdout
    assert "it would send 1, nothing was sent" in previewed.stderr
    (cause,) = json.loads(treaty.run("exceptions", "causes", "--format", "json").stdout)
    assert (cause["count"], cause["at_stake"][0]["amount"]) == (1, "3207.75")
    treaty.run("exceptions", "retry", "--cause", cause["cause"])
    run_in(treaty, "approved-time-to-invoice", "done")
    assert listed(treaty, "exceptions", "list") == []
    (resolved,) = listed(treaty, "exceptions", "list", "--state", "resolved")
    assert [entry["what"] for entry in resolved["history"]] == ["happened", "retrying", "resolved"]

    act(treaty, "approve-change-order", opportunity=deal)
    assert run_in(treaty, "change-order-to-reforecast", "done")["step"] == ""
    assert "verifies" in treaty.run("audit", "verify").stderr
    the_board_tells_it(treaty)


def a_change_of_the_erp_names_the_flows_that_it_breaks(treaty):
    old = ROOT / "contracts" / "library" / "systems" / "erp.finance-1.0.0.yaml"
    new = treaty.folder / "erp.yaml"
    text = old.read_text()
    taken = text.replace("/invoices/by-reference/{reference}:", "/bills/by-reference/{reference}:")
    new.write_text(taken)
    told = treaty.run(
        "check", str(new), "--against", str(old), "--flows", "erp.finance", code=1
    ).stderr
    said = " ".join(told.split())
    assert "flow approved-time-to-invoice 1.1.0 breaks at putDraftInvoice (" in said
    assert "1 open runs" in said
    assert "opportunity-to-project" not in said
    new.write_text(text)
    assert (
        "flow "
        not in treaty.run("check", str(new), "--against", str(old), "--flows", "erp.finance").stderr
    )


def the_board_tells_it(treaty):
    figures = {each["name"]: each for each in listed(treaty, "board")}
    assert figures["unresolved-exceptions"]["value"] == "0"
    assert figures["failed-synchronisations"]["value"] == "1"
    assert figures["approved-time-awaiting-billing"]["value"] == "0.00"
    assert figures["utilisation-to-revenue-traceability"]["value"] == "100.0"
    one = listed(treaty, "board", "project-setup-cycle-time")
    assert one["records"] == len(one["behind"]) == 1
    assert one["definition"] in treaty.run("board", "project-setup-cycle-time").stdout
