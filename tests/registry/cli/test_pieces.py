"""The smaller pieces: text that is safe to show, tables, git, child processes, the demo's steps."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_world import CONTRACT, environment, start
from hypothesis import given
from hypothesis import strategies as st
from ports import free_port

from contracts.errors import TreatyError
from contracts.ids import SLUG
from registry.cli import demo, git, pasting, processes, project, tables
from registry.cli.client import Client
from registry.cli.talk import clean


@given(st.text())
def test_nothing_that_steers_a_terminal_gets_through(text):
    shown = clean(text)
    assert not any(ord(char) < 32 and char not in "\t\n" for char in shown)
    assert not set(shown) & set("\x7f\x9b\u202e\u2066")


def test_colour_gets_through_where_it_is_ours():
    assert clean("\x1b[31mred\x1b[0m\x1b]0;title\x07", styled=True) == (
        "\x1b[31mred\x1b[0m\\x1b]0;title\\x07"
    )


ROWS = [{"name": "psa", "tags": ["a", "b"], "on": True}, {"name": "crm", "tags": [], "on": False}]


def test_tables():
    assert tables.render(ROWS, ("name", "tags", "on"), "text").splitlines() == [
        "NAME  TAGS  ON", "psa   a b   yes", "crm   -     no",
    ]  # fmt: skip
    assert tables.render([{"a": "x|y\nz"}], ("a",), "markdown").splitlines()[2] == "| x\\|y z |"


def test_a_table_that_does_not_fit_becomes_blocks(monkeypatch):
    monkeypatch.setattr(tables, "width", lambda: 8)
    assert tables.render(ROWS, ("name", "tags"), "text") == (
        "name  psa\ntags  a b\n\nname  crm\ntags  -"
    )


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_lists_come_in_every_form(treaty, registry, form):
    registry.on("GET", "/v1/services", {"items": [{"name": "psa", "owner": "delivery"}]})
    done = treaty("services", "list", "--format", form)
    assert done.exit_code == 0
    assert "psa" in done.stdout
    assert "\x1b" not in done.output


@pytest.fixture
def repository(here):
    assert shutil.which("git")
    isolated = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "HOME": str(here),
    }

    def run(*arguments):
        who = ["-c", "user.name=ci", "-c", "user.email=ci@example.com"]
        path = {"PATH": os.defpath}
        subprocess.run(
            ["git", *who, *arguments], check=True, capture_output=True, env=isolated | path
        )

    run("init", "-q")
    (here / "api").mkdir()
    (here / "api" / "openapi.yaml").write_text(CONTRACT)
    run("add", ".")
    run("commit", "-qm", "first")
    return here


def test_a_file_of_a_revision(repository, monkeypatch):
    assert git.show("HEAD", "api/openapi.yaml", limit=10_000) == CONTRACT.encode()
    monkeypatch.chdir(repository / "api")
    assert git.show("HEAD", "openapi.yaml", limit=10_000) == CONTRACT.encode()
    assert git.show("HEAD", "api/openapi.yaml", limit=10_000) == CONTRACT.encode()
    with pytest.raises(TreatyError) as refused:
        git.show("HEAD", "openapi.yaml", limit=10)
    assert refused.value.problem.type.slug == "document-too-large"


def test_check_compares_with_head_when_nobody_says(repository, treaty):
    path = repository / "api" / "openapi.yaml"
    assert treaty("check", "api/openapi.yaml").exit_code == 0
    path.write_text(CONTRACT.replace("/rates", "/fees"))
    done = treaty("check", "api/openapi.yaml")
    assert done.exit_code == 1
    assert "HEAD:api/openapi.yaml" in done.stdout
    assert treaty("check", path, "--against", "HEAD:api/openapi.yaml").exit_code == 1
    assert treaty("check", path, "--against", "nope:api/openapi.yaml").exit_code == 3


FOREGROUND = """
import sys
from registry.cli.processes import foreground
sys.exit(foreground(sys.argv[1], sys.argv[2:]))
"""


def foreground(module, *arguments):
    command = [sys.executable, "-P", "-c", FOREGROUND, module, *arguments]
    return subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_signal_reaches_the_child_and_its_end_is_ours(here, number, code):
    port = free_port()
    process = foreground("http.server", "--bind", "127.0.0.1", str(port))
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(20) == code
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_an_exit_code_of_a_child_is_ours():
    assert foreground("timeit", "--no-such-option").wait(20) == 2


def test_a_folder_of_the_user_is_never_imported(here):
    (here / "json.py").write_text("raise SystemExit(77)")
    assert foreground("http.server", "--help").wait(20) == 0


SERVERS = [
    (["mock", "openapi.yaml", "--port", "9000", "--seed", "7"], "orchestration",
     ["mock", "openapi.yaml", "--host", "127.0.0.1", "--port", "9000", "--seed", "7"]),
    (["migrate", "--data-dir", "d"], "registry", ["migrate", "--data-dir", "d"]),
    (["gateway", "--environment", "live"], "gateway",
     ["--host", "127.0.0.1", "--port", "8801", "--registry", "http://127.0.0.1:9", "--environment",
      "live", "--token-file", ".treaty/gateway.token", "--data-dir", ".treaty"]),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "module", "arguments"), SERVERS, ids=[s[1] for s in SERVERS])
@pytest.mark.parametrize("code", [0, 3])
def test_server_commands_start_their_module(
    treaty, contract, monkeypatch, typed, module, arguments, code
):
    started = []
    monkeypatch.setenv("TREATY_TOKEN", "trt_x")
    monkeypatch.setenv("TREATY_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(processes, "foreground", lambda *args: started.append(args) or code)
    done = treaty(*typed)
    assert started == [(module, arguments)]
    assert done.exit_code == code
    assert "trt_x" not in done.output


def test_ctrl_c_ends_with_130_and_a_clean_line(here):
    read, write = os.pipe()
    process = start("check", "-", "--against", "-", stdin=read, cwd=here)
    time.sleep(1.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    os.close(read)
    os.close(write)
    assert process.returncode == 130
    assert "interrupted: " in err
    assert "Traceback" not in err


def test_the_demo_makes_everything_before_it_is_used():
    steps = demo.steps(datetime(2026, 1, 1, tzinfo=UTC))
    paths = [step.path for step in steps]
    order = (
        "/v1/teams",
        "/v1/services",
        "/v1/contracts",
        "/v1/plans",
        "/v1/applications",
        "/v1/grants",
    )
    positions = [paths.index(path) for path in order]
    assert positions == sorted(positions)
    state = next(step.body for step in steps if step.path.endswith("/state"))
    assert state["deprecated_at"] == "2026-01-01T00:00:00Z"
    assert state["sunset_at"] == "2026-06-30T00:00:00Z"
    assert all(SLUG.fullmatch(each.id) for each in demo.APPLICATIONS)


def test_the_seed_takes_what_is_there_and_stops_at_anything_else(registry):
    for step in demo.steps(datetime.now(UTC)):
        registry.problem(step.method, step.path, "already-exists", 409)
    with Client(registry.url, "t") as client:
        demo.seed(client)
        registry.problem("POST", "/v1/plans", "forbidden", 403)
        with pytest.raises(TreatyError) as refused:
            demo.seed(client)
    assert refused.value.problem.type.slug == "forbidden"


def test_a_sandbox_that_moved_is_followed(registry):
    path = "/v1/environments/demo/deployments"
    item = {"id": "d1", "contract": "psa.projects", "version": "2.0.0", "upstream": "http://s:1/v2"}
    registry.on("GET", path, {"items": [item, item | {"contract": "other.one"}], "next": None})
    registry.on("DELETE", f"{path}/d1", {})
    registry.on("POST", path, {}, status=201)
    with Client(registry.url, "t") as client:
        demo.deploy(client, "http://s:1")
        assert [body["version"] for body in registry.bodies("POST", path)] == ["1.4.0"]
        demo.deploy(client, "http://s:2")
    assert ("DELETE", f"{path}/d1") in [entry[:2] for entry in registry.seen]
    assert registry.bodies("POST", path)[-1]["upstream"] == "http://s:2/v2"


def test_lines_to_paste_match_the_golden_text(here):
    names = [application.id for application in demo.APPLICATIONS]
    scene = pasting.Scene(
        issuer="http://127.0.0.1:8800",
        gateway="http://127.0.0.1:8801",
        secrets=dict.fromkeys(names, "trs_s'ecret"),
        tokens={name: f"token.of.{name}" for name in names},
        project="PRJ-0001",
        old_project="1",
    )
    golden = Path(__file__).parent / "cases" / "lines-to-paste.txt"
    assert pasting.text(scene) + "\n" == golden.read_text()


def test_the_words_of_a_promise_are_the_engines():
    from contracts.compat.mode import Mode, Policy, Profile

    words = (project.MODES, project.PROFILES, project.POLICIES)
    for listed, kind in zip(words, (Mode, Profile, Policy), strict=True):
        assert sorted(listed) == sorted(member.value for member in kind)
