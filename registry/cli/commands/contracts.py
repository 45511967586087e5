"""`treaty contracts`: what is published, its versions and their states, and where they run."""

from typing import BinaryIO

import click

from contracts.formats import yaml
from registry.cli.client import Client, connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Group
from registry.cli.options import limit, output, pass_talk
from registry.cli.project import MODES, POLICIES, PROFILES
from registry.cli.sources import from_registry, split_reference
from registry.cli.talk import Talk

_COLUMNS = ("id", "title", "format", "compatibility", "profile", "policy")
_REPORTS = (
    "id",
    "kind",
    "old_version",
    "new_version",
    "mode",
    "verdict",
    "publication",
    "created_at",
)
_VERSIONS = ("version", "state", "published_at", "sunset_at", "successor", "digest")


@click.group(cls=Group)
def command() -> None:
    """List, show, change, download, deploy, deprecate and sunset contracts.

    CONTRACT is an id like psa.projects; where a version matters, psa.projects@1.4.0.
    """


@command.command("list")
@click.option("--service", help="Only of this service.")
@limit
@output()
@pass_talk
def list_(talk: Talk, service: str | None, limit: int) -> Exit:
    """List the contracts."""
    with connect() as registry:
        found = registry.items("/v1/contracts", limit, service=service)
    talk.table(found, _COLUMNS, empty="no contracts yet")
    following = f"treaty contracts show {found[0]['id']}" if found else "treaty init FILE"
    return talk.end(Exit.PASS, f"{len(found)} contracts", following)


@command.command()
@click.argument("contract")
@output()
@pass_talk
def show(talk: Talk, contract: str) -> Exit:
    """Show one contract, or one version of it."""
    name, version = split_reference(contract)
    with connect() as registry:
        path = _version(name, version) if "@" in contract else f"/v1/contracts/{segment(name)}"
        found = registry.get(path).json()
    talk.record(found)
    return talk.end(Exit.PASS, contract, f"treaty contracts versions {name}")


@command.command("set")
@click.argument("contract")
@click.option("--mode", type=Choice(MODES), help="What it promises.")
@click.option(
    "--profile",
    type=Choice(PROFILES),
    help="Whose rules decide about a JSON Schema.",
)
@click.option(
    "--policy",
    type=Choice(POLICIES),
    help="How open content models are read.",
)
@click.option("--title", help="What people call it.")
@output()
@pass_talk
def set_(talk: Talk, /, contract: str, mode: str | None, **given: str | None) -> Exit:
    """Change what a contract promises; administrators only, and audited."""
    name, _ = split_reference(contract)
    body = {key: value for key, value in given.items() if value is not None}
    body |= {"compatibility": mode} if mode else {}
    if not body:
        raise click.UsageError("Change what? Give --mode, --profile, --policy or --title.")
    with connect() as registry:
        path = f"/v1/contracts/{segment(name)}"
        answer = registry.patch(path, body, etag=registry.get(path).etag).json()
    talk.record(answer)
    sentence = f"{name} promises {answer['compatibility']}, judged by {answer['profile']}"
    return talk.end(Exit.PASS, sentence, f"treaty contracts show {name}")


@command.command()
@click.argument("contract")
@click.option("--kind", type=Choice(("compatibility", "diff", "lint")), help="Only of this kind.")
@limit
@output()
@pass_talk
def reports(talk: Talk, contract: str, kind: str | None, limit: int) -> Exit:
    """List the stored reports of a contract, newest first."""
    name, _ = split_reference(contract)
    with connect() as registry:
        found = registry.items(f"/v1/contracts/{segment(name)}/reports", limit, kind=kind)
        url = registry.url
    talk.table(found, _REPORTS, empty="no reports yet")
    following = (
        f"{url}/v1/reports/{found[0]['id']}" if found else f"treaty check FILE --against {name}"
    )
    return talk.end(Exit.PASS, f"{name} has {len(found)} reports", following)


@command.command()
@click.argument("contract")
@limit
@output()
@pass_talk
def versions(talk: Talk, contract: str, limit: int) -> Exit:
    """List the versions of a contract and their states."""
    name, _ = split_reference(contract)
    with connect() as registry:
        found = registry.items(f"/v1/contracts/{segment(name)}/versions", limit)
    talk.table(found, _VERSIONS, empty="no versions yet")
    following = f"treaty contracts content {name} > new.yaml"
    return talk.end(Exit.PASS, f"{name} has {len(found)} versions", following)


@command.command()
@click.argument("contract")
@pass_talk
def content(talk: Talk, contract: str) -> Exit:
    """Write a version's text to stdout, byte for byte as it was published."""
    with connect() as registry:
        found = from_registry(registry, *split_reference(contract))
    talk.raw(found.content)
    following = f"treaty check new.yaml --against {contract}"
    return talk.end(Exit.PASS, f"{found.source}, {len(found.content)} bytes", following)


@command.command()
@click.argument("contract")
@click.option("--sunset-at", help="When it will be gone: a date or an RFC 3339 time.")
@click.option("--successor", help="The version that takes its place.")
@output()
@pass_talk
def deprecate(talk: Talk, contract: str, sunset_at: str | None, successor: str | None) -> Exit:
    """Deprecate a version: it works on, and the gateway says so in every answer."""
    body = {"state": "deprecated", "sunset_at": _time(sunset_at), "successor": successor}
    return _state(talk, contract, body)


@command.command()
@click.argument("contract")
@click.option("--at", "sunset_at", help="When: a date or an RFC 3339 time; now by default.")
@output()
@pass_talk
def sunset(talk: Talk, contract: str, sunset_at: str | None) -> Exit:
    """Sunset a version: from then on the gateway answers 410."""
    return _state(talk, contract, {"state": "sunset", "sunset_at": _time(sunset_at)})


@command.command()
@click.argument("contract")
@click.option("--environment", default="demo", show_default=True, help="Which environment.")
@click.option("--upstream", required=True, help="URL behind the gateway.")
@click.option("--base-path", help="Path at the gateway; /SERVICE/NAME/vMAJOR by default.")
@click.option("--timeout-seconds", type=click.FloatRange(0.1, 300), help="30 by default.")
@click.option(
    "--routing", type=click.File("rb"), help="YAML file: how it shares its path; docs/routing.md."
)
@output()
@pass_talk
def deploy(
    talk: Talk, /, contract: str, environment: str, routing: BinaryIO | None, **given: object
) -> Exit:
    """Put a version behind the gateway of an environment."""
    name, version = split_reference(contract)
    body = {key: value for key, value in given.items() if value is not None}
    if routing is not None:
        body["routing"] = yaml.parse(routing.read(), source=routing.name).root
    with connect() as registry:
        body |= {"contract": name, "version": _concrete(registry, name, version)}
        deployed = registry.post(
            f"/v1/environments/{segment(environment)}/deployments", body
        ).json()
    talk.record(deployed)
    following = f"treaty grants request --application APP --contract {name} --plan PLAN"
    sentence = f"{name} {deployed['version']} is at {deployed['base_path']} in {environment}"
    return talk.end(Exit.PASS, sentence, following)


def _state(talk: Talk, contract: str, given: dict[str, str | None]) -> Exit:
    name, version = split_reference(contract)
    if "@" not in contract:
        raise click.BadParameter(f"name the version too, like {name}@1.4.0", param_hint="CONTRACT")
    body = {key: value for key, value in given.items() if value is not None}
    with connect() as registry:
        answer = registry.post(f"{_version(name, version)}/state", body).json()
    talk.record(answer)
    sentence = f"{name} {version} is {answer['state']}"
    return talk.end(Exit.PASS, sentence, f"treaty contracts versions {name}")


def _concrete(registry: Client, name: str, version: str) -> str:
    return str(registry.get(_version(name, version)).json()["version"])


def _version(name: str, version: str) -> str:
    return f"/v1/contracts/{segment(name)}/versions/{segment(version)}"


def _time(text: str | None) -> str | None:
    """Return an RFC 3339 time; a bare date means its first moment in UTC."""
    if text is None or "T" in text:
        return text
    return f"{text}T00:00:00Z"
