"""HTTP that misbehaves: each a sentence, none a hang, and the token stays where it belongs."""

import socket
import threading

import pytest

from contracts.errors import TreatyError
from registry.cli import client as http
from registry.cli.client import Client, segment


@pytest.fixture
def speaker():
    """A server that says exactly these bytes, whatever it is asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    said = {"chunks": [], "pause": threading.Event()}

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                for chunk in said["chunks"]:
                    connection.sendall(chunk)
                said["pause"].wait(0.2)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    said["url"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield said
    said["pause"].set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def refused(url, **options):
    with Client(url, "secret", **options) as client, pytest.raises(TreatyError) as error:
        client.get("/v1/me").json()
    return error.value.problem


def test_nobody_is_there():
    problem = refused("http://127.0.0.1:9")
    assert problem.type.slug == "unreachable"
    assert "Nothing answers at http://127.0.0.1:9" in problem.detail


@pytest.mark.parametrize(
    ("chunks", "words"),
    [
        ([b"garbage\r\n\r\n"], "broke the conversation off"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], "broke the conversation off"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], "not as a Treaty registry does"),
        ([b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n[]"], "not as a Treaty registry does"),
        ([b'HTTP/1.1 404 No\r\nContent-Length: 13\r\n\r\n{"type": "x"}'], "not as a Treaty"),
        ([b"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:9\r\nContent-Length: 0\r\n\r\n"], "302"),
    ],
    ids=["garbage", "cut off", "no JSON", "no problem", "half a problem", "redirect"],
)
def test_answers_that_are_none(speaker, chunks, words):
    speaker["chunks"] = chunks
    problem = refused(speaker["url"])
    assert problem.type.slug == "unreachable"
    assert words in problem.detail
    assert "secret" not in problem.detail


def test_silence_has_an_end(speaker):
    speaker["pause"].clear()
    assert "did not answer in time" in refused(speaker["url"], timeout=0.05).detail


def test_an_answer_has_a_largest_size(speaker, monkeypatch):
    monkeypatch.setattr(http, "MAX_BYTES", 1000)
    body = b"[" + b" " * 2000 + b"]"
    speaker["chunks"] = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body]
    assert refused(speaker["url"]).type.slug == "body-too-large"


def test_an_answer_has_a_longest_time(speaker, monkeypatch):
    monkeypatch.setattr(http, "DEADLINE_SECONDS", -1.0)
    speaker["chunks"] = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"]
    assert "did not finish" in refused(speaker["url"]).detail


def test_a_listing_follows_its_pages_up_to_the_limit(registry):
    registry.on("GET", "/v1/x", {"items": [{"n": 1}, {"n": 2}], "next": "more"})
    with Client(registry.url, "t") as client:
        assert len(client.items("/v1/x", 5)) == 5
        assert len(client.items("/v1/x", 2)) == 2
    assert len(registry.seen) == 4


def test_the_token_is_sent_as_bearer(registry):
    registry.on("GET", "/v1/me", {})
    with Client(registry.url, "abc") as client:
        client.get("/v1/me")
    assert registry.seen[0][3]["Authorization"] == "Bearer abc"


@pytest.mark.parametrize("text", ["..", "a/b", "../../v1/tokens", "a?b", "", "%2e%2e", "."])
def test_a_name_never_changes_the_path(registry, text):
    registry.on("GET", "/v1/tokens", {})
    with Client(registry.url, "t") as client:
        assert client.find(f"/v1/contracts/{segment(text)}/versions") is None
    path = registry.seen[0][3] and registry.seen[0][1]
    assert path.startswith("/v1/contracts/")
    assert path.endswith("/versions")
    assert path.count("/") == 4
