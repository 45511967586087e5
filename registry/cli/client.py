"""HTTP to the registry: bounded in time and size, every failure a problem with a sentence."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from contracts import catalog
from contracts.errors import TreatyError
from contracts.problem import URI_PREFIX, Detail, ProblemType
from registry.cli import credentials

MAX_BYTES = 64_000_000
# A server that drips a byte a second must not hold a pipeline for hours.
DEADLINE_SECONDS = 120.0
_PAGE = 200
_NOT_FOUND = 404
_ERRORS = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def etag(self) -> str:
        """The entity tag for `If-Match`, or an empty text."""
        return self.headers.get("etag", "")

    def json(self) -> Any:
        """Return the body as JSON. Raises `TreatyError` (unreachable)."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise _foreign(self.url, self.status) from None


class Client:
    """A registry at `url`, spoken to as the owner of `token`."""

    def __init__(self, url: str, token: str = "", *, timeout: float = 30.0) -> None:
        self.url = url
        headers = {"Accept": "application/json", "User-Agent": "treaty-cli"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(timeout, connect=5.0),
            # A redirect would carry the token elsewhere; a proxy has no business on loopback.
            follow_redirects=False,
            trust_env=not credentials.is_loopback(url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: object) -> Answer:
        """Return the answer to a GET; query members that are None are left out."""
        given = {key: str(value) for key, value in query.items() if value is not None}
        return self.send("GET", path, params=given)

    def find(self, path: str) -> Answer | None:
        """Return the answer to a GET, or None where there is nothing by that name."""
        try:
            return self.get(path)
        except TreatyError as error:
            if error.problem.type.status == _NOT_FOUND:
                return None
            raise

    def post(self, path: str, body: object) -> Answer:
        """Return the answer to a POST of JSON."""
        return self.send("POST", path, json=body)

    def put(self, path: str, body: object, *, etag: str = "") -> Answer:
        """Return the answer to a PUT of JSON, on condition of `etag` where given."""
        return self.send("PUT", path, json=body, headers={"If-Match": etag} if etag else {})

    def patch(self, path: str, body: object, *, etag: str) -> Answer:
        """Return the answer to a PATCH of JSON, on condition of `etag`."""
        return self.send("PATCH", path, json=body, headers={"If-Match": etag})

    def delete(self, path: str, *, etag: str = "") -> Answer:
        """Return the answer to a DELETE, on condition of `etag` where given."""
        return self.send("DELETE", path, headers={"If-Match": etag} if etag else {})

    def items(self, path: str, limit: int, **query: object) -> list[dict[str, Any]]:
        """Return the items of a listing, following its pages up to `limit` of them."""
        found: list[dict[str, Any]] = []
        cursor: object = None
        while len(found) < limit:
            page = self.get(
                path, limit=min(_PAGE, limit - len(found)), cursor=cursor, **query
            ).json()
            found += page["items"]
            cursor = page.get("next")
            if not cursor:
                break
        return found[:limit]

    def send(self, method: str, path: str, **options: Any) -> Answer:
        """Return the answer. Raises `TreatyError`: the server's problem, or unreachable."""
        try:
            with self._http.stream(method, self.url + path, **options) as response:
                body = _bounded(response)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _unreachable(self.url, error) from None
        answer = Answer(response.status_code, response.headers, body, self.url)
        if response.status_code >= _ERRORS:
            raise _refusal(answer)
        if response.is_redirect:
            raise _foreign(self.url, response.status_code)
        return answer


@contextmanager
def connect() -> Iterator[Client]:
    """Yield a client with the credentials in force. Raises `TreatyError` (not-signed-in)."""
    found = credentials.require(Path.cwd())
    with Client(found.url, found.token) as client:
        yield client


def segment(text: str) -> str:
    """Return a text as one segment of a path; a slash or a dot-dot must not change the path."""
    if not text.strip("."):
        return text.replace(".", "%2E") or "%20"
    return quote(text, safe="")


def _bounded(response: httpx2.Response) -> bytes:
    started, body = time.monotonic(), bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TreatyError(catalog.BODY_TOO_LARGE, "The server's answer is over 64 MB.")
        if time.monotonic() - started > DEADLINE_SECONDS:
            raise TreatyError(catalog.UNREACHABLE, "The server did not finish its answer in time.")
    return bytes(body)


def _refusal(answer: Answer) -> TreatyError:
    try:
        return refusal(json.loads(answer.body), answer.status)
    except (ValueError, LookupError, TypeError, AttributeError):
        return _foreign(answer.url, answer.status)


def refusal(body: dict[str, Any], status: int = 0) -> TreatyError:
    """Return a problem object as the error that it is. Raises `LookupError` and the like."""
    slug = str(body["type"]).removeprefix(URI_PREFIX)
    kind = ProblemType(slug, str(body["title"]), status or int(body["status"]), str(body["type"]))
    detail = str(body.get("detail", body["title"]))
    errors = tuple(_detail(error) for error in body.get("errors", ())[:200])
    known = {"type", "title", "status", "detail", "errors"}
    extensions = {key: value for key, value in body.items() if key not in known}
    return TreatyError(kind, detail, errors=errors, **_safe(extensions))


def _safe(extensions: dict[str, Any]) -> dict[str, Any]:
    # `problem_type` and `detail` are our own parameter names.
    return {key: value for key, value in extensions.items() if key not in ("problem_type", "self")}


def _detail(error: dict[str, Any]) -> Detail:
    return Detail(
        str(error.get("detail", "")),
        str(error.get("pointer", "")),
        str(error.get("file", "")),
        int(error.get("line", 0)),
        int(error.get("column", 0)),
    )


def _foreign(url: str, status: int) -> TreatyError:
    return TreatyError(
        catalog.UNREACHABLE, f"{url} answered {status}, but not as a Treaty registry does."
    )


def _unreachable(url: str, error: Exception) -> TreatyError:
    if isinstance(error, httpx2.ConnectError):
        sentence = f"Nothing answers at {url}. Is the registry running? `treaty up` starts one."
    elif isinstance(error, httpx2.TimeoutException):
        sentence = f"{url} did not answer in time."
    else:
        sentence = f"{url} broke the conversation off ({type(error).__name__})."
    return TreatyError(catalog.UNREACHABLE, sentence)
