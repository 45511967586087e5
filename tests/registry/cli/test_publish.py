"""From a contract file to the registry: init, publish, and what each leaves behind."""

import json

import pytest

from contracts.formats import read
from registry.cli import project, publishing
from registry.cli.client import Client

VERSIONS = "/v1/contracts/billing.invoices/versions"
DONE = {
    "contract": "billing.invoices", "version": "1.0.0", "digest": "sha256:abc", "state": "published",
    "report": None, "baseline": [], "url": "/v1/contracts/billing.invoices/versions/1.0.0",
    "unchanged": False,
}  # fmt: skip


@pytest.fixture
def described(here, contract):
    (here / "treaty.yaml").write_text(
        "contract: billing.invoices\nfile: openapi.yaml\nowner: finance\ncompatibility: full\n"
    )


def creations(registry):
    for path in ("/v1/teams", "/v1/services", "/v1/contracts"):
        registry.on("POST", path, {}, status=201)
    registry.on("POST", VERSIONS, DONE, status=201)


def test_init_guesses_from_the_contract_and_tells_the_next_step(treaty, contract, here):
    done = treaty("init")
    assert done.exit_code == 0, done.stderr
    found = project.read(here / "treaty.yaml")
    assert (found.contract, found.file) == ("billing.invoices", "openapi.yaml")
    assert "no validation issues" in done.stderr
    assert "https://billing.example.com" in done.stderr
    assert "next: treaty publish openapi.yaml" in done.stderr
    assert not (here / "treaty-baseline.json").exists()


def test_init_takes_the_owner_from_codeowners(treaty, contract, here):
    (here / "CODEOWNERS").write_text("* @firm/Delivery_Systems\n")
    assert treaty("init").exit_code == 0
    assert project.read(here / "treaty.yaml").owner == "delivery-systems"


def test_init_records_issues_and_check_then_mentions_only_new_ones(treaty, contract, here):
    contract.write_text(contract.read_text().replace("{description: Rates}", "{x: Rates}"))
    done = treaty("init")
    assert "2 validation issues recorded as baseline" in done.stderr
    assert len(json.loads((here / "treaty-baseline.json").read_text())["issues"]) == 2
    assert "note:" not in treaty("check", contract, "--against", contract).stderr


def test_init_creates_service_and_contract_where_signed_in(treaty, contract, registry):
    creations(registry)
    done = treaty("init", "--owner", "finance")
    assert "created service billing" in done.stderr
    assert registry.bodies("POST", "/v1/services")[0]["owner"] == "finance"
    assert registry.bodies("POST", VERSIONS) == []


def test_init_is_complete_when_the_registry_is_not_there(treaty, contract, here, monkeypatch):
    monkeypatch.setenv("TREATY_TOKEN", "x")
    monkeypatch.setenv("TREATY_URL", "http://127.0.0.1:9")
    done = treaty("init")
    assert done.exit_code == 0
    assert "the registry was not told" in done.stderr
    assert (here / "treaty.yaml").is_file()


def test_init_writes_nothing_in_a_dry_run(treaty, contract, here):
    done = treaty("init", "--dry-run")
    assert "contract: billing.invoices" in done.stdout
    assert {path.name for path in here.iterdir()} == {"openapi.yaml"}


@pytest.mark.parametrize("option", ["--service", "--name", "--owner"])
def test_init_refuses_names_that_are_none(treaty, contract, option):
    done = treaty("init", option, "No Name")
    assert done.exit_code == 2
    assert option in done.stderr


@pytest.mark.parametrize("value", ["a b", "1.0", "yes", "x: y", "\u00fc", "#x"])
def test_treaty_yaml_survives_any_file_name(here, value):
    written = project.Project("billing.invoices", value, "finance")
    (here / "treaty.yaml").write_text(written.write())
    assert project.read(here / "treaty.yaml").file == value


def test_publish_makes_what_is_missing(treaty, described, registry):
    creations(registry)
    done = treaty("publish")
    assert done.exit_code == 0, done.stderr
    for word in ("created team finance", "created service billing", "created contract billing"):
        assert word in done.stderr
    assert registry.bodies("POST", "/v1/contracts")[0]["compatibility"] == "full"
    sent = registry.bodies("POST", VERSIONS)[0]
    assert sent["source"] == "openapi.yaml"
    assert sent["baseline"] is False
    for text in (
        "sha256:abc",
        f"{registry.url}{DONE['url']}",
        "/billing/invoices/v1 once deployed",
    ):
        assert text in done.stdout
    assert "next: treaty contracts deploy billing.invoices@1.0.0" in done.stderr


def test_publish_creates_only_what_is_missing(registry, contract):
    registry.on("GET", "/v1/services/billing", {})
    registry.on("POST", "/v1/contracts", {}, status=201)
    described = project.Project("billing.invoices", "openapi.yaml", "finance")
    parsed = read(contract.read_bytes(), source="openapi.yaml")
    with Client(registry.url, "t") as client:
        assert publishing.ensure(client, described, parsed) == ("contract billing.invoices",)


def test_publish_the_same_again_is_no_change(treaty, described, registry):
    registry.on("GET", "/v1/contracts/billing.invoices", {})
    registry.on("POST", VERSIONS, DONE | {"unchanged": True})
    done = treaty("publish")
    assert done.exit_code == 0
    assert "no change: billing.invoices 1.0.0" in done.stderr


def report(treaty, contract, broken):
    done = treaty("check", broken, "--against", contract, "--format", "json")
    return json.loads(done.stdout)


def test_publish_shows_the_report_of_a_refusal(treaty, described, contract, broken, registry):
    registry.on("GET", "/v1/contracts/billing.invoices", {})
    told = report(treaty, contract, broken)
    registry.problem(
        "POST", VERSIONS, "breaking-change", 409, "1.1.0 breaks it.",
        report=told, suggested_version="2.0.0",
    )  # fmt: skip
    done = treaty("publish", "new.yaml")
    assert done.exit_code == 1
    assert "GET /rates" in done.stdout
    assert "fail: 1.1.0 breaks it." in done.stderr
    assert "next: treaty publish new.yaml --version 2.0.0" in done.stderr
    problem = json.loads(treaty("publish", "new.yaml", "--format", "json").stdout)
    assert problem["type"] == "urn:treaty:problem:breaking-change"
    assert problem["report"] == told


def test_a_dry_run_stores_nothing_and_says_what_would_happen(
    treaty, described, contract, broken, registry
):
    told = report(treaty, contract, broken)
    registry.on("GET", f"{VERSIONS}/latest", {"version": "1.0.0"})
    registry.on("POST", "/v1/contracts/billing.invoices/check", told)
    refused = treaty("publish", "new.yaml", "--dry-run", "--version", "1.1.0")
    assert refused.exit_code == 1
    assert "would be refused" in refused.stderr
    allowed = treaty("publish", "new.yaml", "--dry-run", "--version", "2.0.0")
    assert allowed.exit_code == 0, allowed.stderr
    assert "would be published" in allowed.stderr
    assert registry.bodies("POST", VERSIONS) == []


def test_publish_elsewhere_needs_a_description(treaty, contract, registry):
    done = treaty("publish", contract, "--contract", "other.thing")
    assert done.exit_code == 3
    assert "next: treaty init FILE --service other --name thing --owner TEAM" in done.stderr


def test_a_break_may_be_allowed_with_a_reason(treaty, described, registry):
    registry.on("GET", "/v1/contracts/billing.invoices", {})
    registry.on("POST", VERSIONS, DONE, status=201)
    assert treaty("publish", "--allow-breaking", "--reason", "nobody uses it").exit_code == 0
    assert registry.bodies("POST", VERSIONS)[0]["allow_breaking_reason"] == "nobody uses it"


def test_content_is_byte_for_byte(treaty, registry):
    text = "a: \u001b[31m\r\nb".encode() + b"\xff"
    registry.on("GET", "/v1/contracts/psa.projects/versions/latest", {"version": "2.0.0"})
    registry.on("GET", "/v1/contracts/psa.projects/versions/2.0.0/content", raw=text)
    done = treaty("contracts", "content", "psa.projects")
    assert done.stdout_bytes == text
    assert "psa.projects@2.0.0" in done.stderr


def test_check_against_the_registry(treaty, contract, broken, registry):
    base = "/v1/contracts/billing.invoices/versions"
    registry.on("GET", f"{base}/latest", {"version": "1.0.0"})
    registry.on("GET", f"{base}/1.0.0/content", raw=contract.read_bytes())
    done = treaty("check", broken, "--against", "billing.invoices")
    assert done.exit_code == 1
    assert "billing.invoices@1.0.0" in done.stdout
