"""Whose token goes where: nearest file first, never to another address, never readable by others."""

import json
import stat
from pathlib import Path

import pytest

from contracts.errors import TreatyError
from registry.cli import credentials


def test_nothing_stored(here):
    assert credentials.find(here) is None
    with pytest.raises(TreatyError) as refused:
        credentials.require(here)
    assert refused.value.problem.type.slug == "not-signed-in"


def test_the_nearest_folder_wins_and_a_parent_serves(here):
    inner = here / "a" / "b"
    inner.mkdir(parents=True)
    credentials.store(here / ".treaty" / "credentials.json", "http://one", "1")
    assert credentials.find(inner).url == "http://one"
    credentials.store(inner / ".treaty" / "credentials.json", "http://two", "2")
    assert credentials.find(inner).url == "http://two"


def test_the_environment_wins_with_its_own_url(here, monkeypatch):
    credentials.store(here / ".treaty" / "credentials.json", "http://one", "1")
    monkeypatch.setenv("TREATY_TOKEN", "env")
    found = credentials.find(here)
    assert (found.url, found.token) == ("http://127.0.0.1:8800", "env")
    assert "env'" not in repr(found)


def test_a_stored_token_does_not_travel_to_another_url(here, monkeypatch):
    credentials.store(here / ".treaty" / "credentials.json", "http://one", "1")
    monkeypatch.setenv("TREATY_URL", "http://elsewhere")
    with pytest.raises(TreatyError) as refused:
        credentials.find(here)
    assert "its token stays here" in refused.value.problem.detail


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"url": "x", "token": "t"}', '{"url": 1}', "nul"]
)
def test_a_damaged_file_is_named(here, text):
    path = here / ".treaty" / "credentials.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(TreatyError) as refused:
        credentials.find(here)
    assert str(path) in refused.value.problem.detail


def test_a_file_of_another_user_is_not_used(here, monkeypatch):
    credentials.store(here / ".treaty" / "credentials.json", "http://one", "1")
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    with pytest.raises(TreatyError) as refused:
        credentials.find(here)
    assert "belongs to another user" in refused.value.problem.detail


def test_files_are_for_their_owner(here):
    path = here / "x" / "secret.json"
    credentials.private(path, "one")
    credentials.private(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.json"]


def test_login_and_logout(treaty, registry, here, monkeypatch):
    monkeypatch.delenv("TREATY_TOKEN")
    registry.on("GET", "/v1/me", {"kind": "token", "name": "ci", "role": "publisher"})
    done = treaty("login", "--token-stdin", text="trt_1_abc\n")
    path = here.parent / "config" / "treaty" / "credentials.json"
    assert done.exit_code == 0, done.stderr
    assert "publisher" in done.stderr
    assert "trt_1_abc" not in done.output
    assert json.loads(path.read_text()) == {"url": registry.url, "token": "trt_1_abc"}
    assert treaty("login", "--here", "--token", "x").exit_code == 0
    assert Path(".treaty/credentials.json").is_file()
    assert treaty("logout").exit_code == 0
    assert not Path(".treaty/credentials.json").exists()
    assert path.is_file()


def test_login_stores_nothing_that_the_registry_refuses(treaty, registry, here):
    registry.problem("GET", "/v1/me", "unauthenticated", 401)
    assert treaty("login", "--here", "--token", "x").exit_code == 4
    assert not Path(".treaty").exists()


@pytest.mark.parametrize("token", ["", "two\nlines", "caf\u00e9", "a\x00b", "x" * 9000])
def test_login_refuses_what_is_no_token(treaty, registry, token):
    assert treaty("login", "--token", token).exit_code == 2
    assert registry.seen == []
