"""The newcomer's story, steps 1 and 2: from an empty folder to governed calls."""

import json
import re
import signal
import stat

import pytest
from newcomer import Reply, Treaty, with_headers

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def reply(treaty, number):
    return Reply.parse(treaty.curl(with_headers(treaty.curls()[number])))


def test_prints_three_urls_and_a_one_time_link(treaty):
    registry = treaty.ports[0]
    for port in treaty.ports:
        assert f"http://127.0.0.1:{port}" in treaty.output
    assert re.search(rf"http://127\.0\.0\.1:{registry}/login/link/\S+", treaty.output)
    assert "\x1b" not in treaty.output


def test_keeps_its_secrets_to_the_owner(treaty):
    for path in (treaty.folder / ".treaty").rglob("*"):
        if path.suffix in {".json", ".key", ".pem"} or "token" in path.name:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_1_token_from_the_issuer(treaty):
    answer = reply(treaty, 0)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "Bearer"
    assert "projects.read" in answer.json()["scope"]


def test_2_masked_project(treaty):
    answer, open_answer = reply(treaty, 1), reply(treaty, 2)
    assert (answer.status, open_answer.status) == (200, 200)
    masked, clear = answer.json(), open_answer.json()
    assert masked["project_id"] == clear["project_id"]
    assert masked["name"] == clear["name"]
    assert masked["project_manager"] != clear["project_manager"]
    assert masked["budget_cost"] != clear["budget_cost"]
    assert clear["project_manager"]["email"].endswith("@example.com")
    for secret in (clear["project_manager"]["email"], clear["project_manager"]["name"]):
        assert secret not in answer.body


def test_3_missing_scope(treaty):
    answer = reply(treaty, 3)
    assert answer.status == 403
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:treaty:problem:scope-missing"
    assert "projects.read" in problem["detail"]
    assert problem["policy"]
    assert problem["contract"] == "psa.projects"
    assert problem["contract_version"] == "2.0.0"
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_4_burst_meets_the_limit(treaty):
    text = treaty.curl(treaty.curls()[4])
    statuses = re.findall(r"HTTP/1\.1 (\d+)", text)
    assert set(statuses) == {"200", "429"}
    for name in ("RateLimit", "RateLimit-Policy", "Retry-After"):
        assert re.search(rf"^{name}: .+", text, re.IGNORECASE | re.MULTILINE), text


def test_5_deprecated_version(treaty):
    answer = reply(treaty, 5)
    assert answer.status == 200
    assert re.fullmatch(r"@\d+", answer.headers["deprecation"])
    assert answer.headers["sunset"].endswith("GMT")
    assert 'rel="successor-version"' in answer.headers["link"]


def test_explain_names_the_policy_behind_a_decision(treaty):
    done = treaty.run(
        "explain", "--application", "status-page", "--operation", "psa.projects/getProject",
        "--environment", "demo", "--format", "json",
    )  # fmt: skip
    rules = json.loads(done.stdout)["rules"]
    assert {"authenticate", "require-scope", "mask"} <= {rule["kind"] for rule in rules}
    assert all(rule["source"]["file"] and rule["source"]["line"] for rule in rules)


def test_audit_verifies(treaty):
    assert "verifies" in treaty.run("audit", "verify").stderr


def test_second_run_keeps_the_data_and_a_taken_port_is_named(treaty, tmp_path):
    """One test, because both need the servers stopped or running in turn."""
    other = Treaty(tmp_path, ports=treaty.ports)
    with pytest.raises(AssertionError) as refused:
        other.up()
    assert str(treaty.ports[0]) in str(refused.value)
    assert "--registry-port" in str(refused.value)

    before = treaty.run("contracts", "versions", "psa.projects", "--format", "json").stdout
    assert treaty.down(signal.SIGINT)[0] in (0, 130)
    treaty.up()
    assert treaty.run("contracts", "versions", "psa.projects", "--format", "json").stdout == before
    assert reply(treaty, 1).status == 200
