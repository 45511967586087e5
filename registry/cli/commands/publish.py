"""`treaty publish`: makes what is missing, hands the text in, and says where it is now."""

from pathlib import Path
from typing import Any

import click

from contracts import catalog
from contracts.compat.semver import required
from contracts.errors import TreatyError
from contracts.ids import Version
from contracts.model import Contract
from contracts.report import Verdict
from contracts.validate import validate
from registry.cli import judging, project, publishing, reports, sources
from registry.cli.client import Answer, Client, connect, segment
from registry.cli.exits import Exit
from registry.cli.lazy import Command
from registry.cli.options import output, pass_talk
from registry.cli.project import Project
from registry.cli.sources import Text
from registry.cli.talk import Talk

_CREATED = 201


@click.command(cls=Command)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--contract", help="The contract id; the one in treaty.yaml by default.")
@click.option("--version", help="The version; what the text states (info.version) by default.")
@click.option("--baseline", "known", is_flag=True, help="Record validation issues; do not refuse.")
@click.option(
    "--allow-breaking", is_flag=True, help="Administrators: publish a break all the same."
)
@click.option("--reason", help="Why a break is allowed; kept in the audit log.")
@click.option("--dry-run", is_flag=True, help="Judge only; store nothing.")
@output()
@pass_talk
def command(
    talk: Talk,
    file: str | None,
    contract: str | None,
    version: str | None,
    known: bool,
    allow_breaking: bool,
    reason: str | None,
    dry_run: bool,
) -> Exit:
    """Publish a contract; refused when it breaks its consumers and is no new major version.

    Team, service and contract are created when missing, from treaty.yaml. The same text again
    changes nothing and says so.
    """
    if allow_breaking != bool(reason):
        raise click.UsageError("--allow-breaking and --reason go together.")
    described = project.find(Path.cwd())
    text = sources.from_file(_file(file, described))
    name = _contract(contract, described)
    parsed = text.contract()
    body = {
        "content": _decoded(text),
        "source": Path(text.source).name,
        "version": version,
        "baseline": known or _covered(parsed, described),
        "allow_breaking_reason": reason,
    }
    body = {key: value for key, value in body.items() if value is not None}
    with connect() as registry:
        if dry_run:
            return _rehearse(talk, registry, name, parsed, version)
        _prepare(talk, registry, name, described, parsed)
        try:
            answer = registry.post(f"/v1/contracts/{segment(name)}/versions", body)
        except TreatyError as error:
            return _refused(talk, error, text.source)
    return _published(talk, registry.url, name, text, answer)


def _file(given: str | None, described: Project | None) -> str:
    if given:
        return given
    if described is None:
        raise click.UsageError("Publish what? Name the FILE, or describe it: treaty init FILE")
    if not described.path.is_file():
        raise click.UsageError(f"treaty.yaml names {described.file}, which is not there.")
    return str(described.path)


def _contract(given: str | None, described: Project | None) -> str:
    if given:
        return sources.split_reference(given)[0]
    if described is None:
        raise click.UsageError("Which contract? Give --contract, or run: treaty init FILE")
    return described.contract


def _decoded(text: Text) -> str:
    try:
        return text.content.decode()
    except UnicodeDecodeError:
        raise TreatyError(catalog.NOT_READABLE, f"{text.source} is not UTF-8.") from None


def _covered(contract: Contract, described: Project | None) -> bool:
    """Return whether `treaty init` recorded every issue that the text has."""
    known = judging.known_issues(described)
    return bool(known.entries) and not known.split(validate(contract))[1]


def _prepare(
    talk: Talk, registry: Client, name: str, described: Project | None, contract: Contract
) -> None:
    if described is not None and described.contract == name:
        for thing in publishing.ensure(registry, described, contract):
            talk.say(f"created {thing}")
    elif registry.find(f"/v1/contracts/{segment(name)}") is None:
        service, _, rest = name.partition(".")
        raise TreatyError(
            catalog.NOT_FOUND,
            f"There is no contract {name}, and no treaty.yaml says whose it would be.",
            next_command=f"treaty init FILE --service {service} --name {rest} --owner TEAM",
        )


def _rehearse(
    talk: Talk, registry: Client, name: str, contract: Contract, version: str | None
) -> Exit:
    path = f"/v1/contracts/{segment(name)}"
    latest = registry.find(f"{path}/versions/latest")
    if latest is None:
        return talk.end(Exit.PASS, f"would be the first version of {name}", "treaty publish")
    old = str(latest.json()["version"])
    draft = {"content": contract.document.text.decode(), "source": contract.document.source}
    report = reports.from_json(registry.post(f"{path}/check", draft).json())
    judging.show(talk, report)
    agreement = required(old, version or contract.version, report)
    # A waiver lets a break pass under a version that does not say so.
    waived = report.verdict is Verdict.COMPATIBLE and any(f.waived for f in report.findings)
    passes = agreement.agrees or waived
    code = Exit.PASS if passes else Exit.REFUSED
    word = "would be published" if passes else "would be refused"
    return talk.end(code, f"{word}: {agreement.message}", f"treaty check FILE --against {name}")


def _refused(talk: Talk, error: TreatyError, source: str) -> Exit:
    problem = error.problem
    report = problem.extensions.get("report")
    if report is not None and talk.form != "json":
        judging.show(talk, reports.from_json(report))
    suggested = problem.extensions.get("suggested_version")
    return talk.problem(
        problem, f"treaty publish {source} --version {suggested}" if suggested else ""
    )


def _published(talk: Talk, url: str, name: str, text: Text, answer: Answer) -> Exit:
    done: dict[str, Any] = answer.json()
    version = str(done["version"])
    link = done["url"] if str(done["url"]).startswith("http") else f"{url}{done['url']}"
    shown = {
        "contract": name,
        "version": version,
        "state": done.get("state"),
        "digest": done["digest"],
        "url": link,
        "report": f"{url}{done['permalink']}" if done.get("permalink") else None,
        "gateway": f"{_base_path(name, version)} once deployed",
    }
    if talk.form == "json":
        talk.data(done | {"url": link})
    else:
        talk.record(shown)
    for issue in (done.get("baseline") or [])[:3]:
        talk.say(f"note: {text.source}:{issue['line']}:{issue['column']}: {issue['message']}")
    if done.get("baseline"):
        talk.say(f"{len(done['baseline'])} validation issues recorded as baseline")
    if answer.status != _CREATED or done.get("unchanged"):
        sentence = f"no change: {name} {version} has this very content already"
        return talk.end(Exit.PASS, sentence, f"treaty contracts show {name}@{version}")
    following = f"treaty contracts deploy {name}@{version} --environment demo --upstream URL"
    return talk.end(Exit.PASS, f"{name} {version} is published", following)


def _base_path(name: str, version: str) -> str:
    parsed = Version.parse(version)
    return f"/{name.replace('.', '/')}/v{parsed.major if parsed else version}"
