"""The lines of `treaty up` that people paste: complete commands, with or without a shell."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

import httpx2

from contracts import catalog
from contracts.errors import TreatyError
from registry.cli import demo
from registry.cli.client import Client


@dataclass(frozen=True, slots=True)
class Scene:
    """What the lines need: addresses, secrets and tokens by application, and a project."""

    issuer: str
    gateway: str
    secrets: dict[str, str]
    tokens: dict[str, str]
    project: str
    old_project: str


def token(issuer: str, application: str, secret: str) -> str:
    """Return a fresh access token from the issuer. Raises `TreatyError`."""
    form = {"grant_type": "client_credentials"}
    with Client(issuer) as client:
        basic = httpx2.BasicAuth(application, secret)
        answer = client.send("POST", "/oauth/token", data=form, auth=basic)
    return str(answer.json()["access_token"])


def lines(scene: Scene) -> tuple[tuple[str, str], ...]:
    """Return pairs of what a line shows and the line."""
    new, old = f"{scene.gateway}/psa/projects/v2", f"{scene.gateway}/psa/projects/v1"
    project = f"{new}/projects/{scene.project}"

    def call(application: str, url: str, *options: str) -> str:
        bearer = f"Authorization: Bearer {scene.tokens[application]}"
        return shlex.join(["curl", "-sS", *options, "-H", bearer, url])

    secret = f"client-portal:{scene.secrets['client-portal']}"
    ask = ["curl", "-sS", "-u", secret, "-d", "grant_type=client_credentials"]
    return (
        ("a token from Treaty's own issuer", shlex.join([*ask, f"{scene.issuer}/oauth/token"])),
        (
            "client-portal reads a project: personal and cost fields are masked",
            call("client-portal", project),
        ),
        ("finance-desk reads the same project in clear", call("finance-desk", project)),
        (
            "status-page lacks the scope: 403 names it, the policy and the contract version",
            call("status-page", project, "-i"),
        ),
        (
            "a burst meets the limit: 200s, then 429 with RateLimit and Retry-After",
            call("client-portal", f"{new}/resources#[1-14]", "-o", "/dev/null", "-D", "-"),
        ),
        (
            "the deprecated version says so: Deprecation, Sunset, Link to its successor",
            call("client-portal", f"{old}/projects/{scene.old_project}", "-i"),
        ),
    )


def win(sandbox: str) -> str:
    """Return the line that wins a deal of the demo firm."""
    body = json.dumps({"opportunity": demo.DEAL})
    return shlex.join(["curl", "-sS", "-d", body, f"{sandbox}/-/act/win-deal"])


def text(scene: Scene) -> str:
    """Return the lines, each after a comment that says what it shows."""
    numbered = enumerate(lines(scene), start=1)
    return "\n\n".join(f"# {number}. {shows}\n{line}" for number, (shows, line) in numbered)


def project(gateway: str, access_token: str, version: str) -> str:
    """Return the id of the first project that the gateway shows. Raises `TreatyError`."""
    with Client(gateway, access_token) as client:
        found: Any = client.get(f"/psa/projects/{version}/projects").json()
    try:
        project = (found.get("items") or found.get("projects"))[0]
        return str(project.get("project_id") or project["id"])
    except (LookupError, AttributeError, TypeError):
        raise TreatyError(catalog.UNREACHABLE, "The sandbox shows no project.") from None
