"""The newcomer's story, step 4: a contract that nobody here wrote, through its history."""

import base64
import json
import urllib.request
from dataclasses import dataclass

import pytest
from newcomer import ROOT, mocked, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

CORPUS = ROOT.parent / "shared" / "corpus" / "xero-projects"


@dataclass
class History:
    """Versions of one interface in the order of time, and what is known of them."""

    versions: list
    verdicts: list
    scopes: list
    path: str


def history():
    """The vendor's five versions where the corpus is at hand, else those of our own library."""
    if CORPUS.is_dir():
        # 2021-04 adds a status to responses, 2022-04 asks for another scope; the next two are fine.
        return History(
            sorted(CORPUS.glob("*.yaml")),
            ["breaking", "breaking", "compatible", "compatible"],
            ["projects", "projects.read"],
            "/Projects",
        )
    print(f"{CORPUS} is absent: walking through our own library instead")
    library = sorted((ROOT / "contracts" / "library" / "systems").glob("psa.projects-*.yaml"))
    return History(library, ["breaking"], ["projects.read"], "/projects")


def walk(treaty, versions):
    """Check each version against the one before, then publish it; return the verdicts."""
    verdicts = []
    for position, path in enumerate(versions):
        if position:
            done = treaty.run(
                "check", str(path), "--against", "vendor.projects", "--format", "json", code=None
            )
            verdicts.append(json.loads(done.stdout)["verdict"])
            assert done.returncode == {"compatible": 0, "breaking": 1, "undecided": 3}[verdicts[-1]]
        treaty.run("publish", str(path), "--contract", "vendor.projects", "--baseline")
    return verdicts


def fresh_token(treaty, application):
    kept = json.loads((treaty.folder / ".treaty" / "demo.json").read_text())
    basic = base64.b64encode(f"{application}:{secret_of(kept, application)}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{treaty.ports[0]}/oauth/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {basic}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["access_token"]


def secret_of(kept, application):
    if "applications" in kept:
        return next(entry["secret"] for entry in kept["applications"] if entry["id"] == application)
    return kept["secrets"][application]


def test_the_vendors_history_and_a_governed_call(treaty):
    known = history()
    treaty.run(
        "init", str(known.versions[0]), "--service", "vendor", "--name", "projects",
        "--owner", "delivery", "--compat", "none",
    )  # fmt: skip
    assert walk(treaty, known.versions) == known.verdicts
    stored = treaty.api("GET", "/v1/contracts/vendor.projects/versions")["items"]
    assert len(stored) == len(known.versions)

    with mocked(known.versions[-1]) as upstream:
        newest = treaty.api("GET", "/v1/contracts/vendor.projects/versions/latest")["version"]
        deployment = treaty.api(
            "POST", "/v1/environments/demo/deployments",
            {"contract": "vendor.projects", "version": newest, "upstream": upstream},
        )  # fmt: skip
        scopes = [part for scope in known.scopes for part in ("--scope", scope)]
        treaty.run(
            "grants", "request", "--application", "finance-desk", "--contract", "vendor.projects",
            "--plan", "internal", "--environment", "demo", *scopes,
        )  # fmt: skip
        grants = treaty.api("GET", "/v1/grants?application=finance-desk&contract=vendor.projects")
        for grant in grants["items"]:
            if grant["state"] == "requested":
                treaty.run("grants", "approve", grant["id"])
        url = f"http://127.0.0.1:{treaty.ports[1]}{deployment['base_path']}{known.path}"
        bearer = f"Bearer {fresh_token(treaty, 'finance-desk')}"
        body = wait_for(url, {"Authorization": bearer, "Xero-Tenant-Id": "t"})
    assert body["items" if "items" in body else "projects"]
