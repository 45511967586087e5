"""A break that must be: asked for by the team, approved by another, published, and seen."""

import json

import pytest
from newcomer import Treaty

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

OLD = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"kind": {"enum": ["order", "offer"]}},
}
NEW = OLD | {"properties": {"kind": {"enum": ["order"]}}}


@pytest.fixture
def team(treaty, tmp_path):
    """A publisher of the delivery team, in a folder of its own, with two drafts."""
    treaty.api(
        "POST", "/v1/contracts", {"service": "psa", "name": "orders", "format": "json-schema"}
    )
    body = {"name": "ci", "role": "publisher", "team": "delivery"}
    kept = json.loads((treaty.folder / ".treaty" / "credentials.json").read_text())
    token = treaty.api("POST", "/v1/tokens", body)["token"]
    (tmp_path / ".treaty").mkdir(mode=0o700)
    path = tmp_path / ".treaty" / "credentials.json"
    path.write_text(json.dumps({"url": kept["url"], "token": token}))
    path.chmod(0o600)
    for name, schema in (("old", OLD), ("new", NEW)):
        (tmp_path / f"{name}.json").write_text(json.dumps(schema))
    return Treaty(tmp_path, [])


def publish(team, name, version, code=0):
    return team.run(
        "publish", f"{name}.json", "--contract", "psa.orders", "--version", version, code=code
    )


def test_a_waived_break_is_published_and_its_report_has_an_address(treaty, team):
    publish(team, "old", "1.0.0")
    assert "enum-value-removed" in publish(team, "new", "1.1.0", 1).stdout
    asked = team.run(
        "waivers", "request", "--contract", "psa.orders", "--rule", "enum-value-removed",
        "--pointer", "/properties/*/enum", "--reason", "Nobody sends offers",
        "--expires", "2999-01-31", "--format", "json",
    )  # fmt: skip
    waiver = json.loads(asked.stdout)["id"]
    assert "forbidden" in team.run("waivers", "approve", waiver, code=1).stderr
    treaty.run("waivers", "approve", waiver)
    publish(team, "new", "1.1.0")
    listed = team.run("contracts", "reports", "psa.orders", "--format", "json").stdout
    report = json.loads(listed)[0]
    assert (report["publication"], report["verdict"]) == ("1.1.0", "compatible")
    content = treaty.api("GET", f"/v1/reports/{report['id']}")
    assert content["findings"][0]["waiver"]["reason"] == "Nobody sends offers"
    assert content["findings"][0]["witness"]["value"] == {"kind": "offer"}
    told = treaty.api("GET", "/v1/contracts/psa.orders/versions/1.1.0/changelog")
    assert told["sections"][0]["kind"] == "breaking"
