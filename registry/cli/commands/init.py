"""`treaty init`: reads a contract, writes treaty.yaml and, where the text has issues, a baseline."""

import re
import shlex
from pathlib import Path

import click

from contracts import baseline
from contracts.errors import TreatyError
from contracts.ids import SLUG
from contracts.model import Contract
from contracts.validate import validate
from registry.cli import credentials, project, publishing, sources
from registry.cli.client import Client
from registry.cli.exits import Exit
from registry.cli.lazy import Choice, Command
from registry.cli.options import colour, pass_talk
from registry.cli.project import Project
from registry.cli.talk import Talk

_USUAL = ("openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.json")


@click.command(cls=Command)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--service", help="The service it belongs to, like psa; guessed from the title.")
@click.option("--name", help="The contract's name in the service; guessed from the title.")
@click.option("--owner", help="The owning team; guessed from the folder's CODEOWNERS.")
@click.option(
    "--compat",
    type=Choice(project.MODES),
    default="backward",
    show_default=True,
    help="What later versions promise.",
)
@click.option("--force", is_flag=True, help="Replace an existing treaty.yaml.")
@click.option("--dry-run", is_flag=True, help="Print treaty.yaml; write nothing.")
@colour
@pass_talk
def command(
    talk: Talk,
    file: str | None,
    service: str | None,
    name: str | None,
    owner: str | None,
    compat: str,
    force: bool,
    dry_run: bool,
) -> Exit:
    """Describe a contract in treaty.yaml, ready to publish.

    FILE is openapi.yaml or a usual name beside it by default. Issues that the text has today are
    recorded in treaty-baseline.json; only new ones refuse it later.
    """
    file = file or _found()
    contract = sources.from_file(file).contract()
    described = Project(
        contract=f"{_slug('--service', service, contract, 0)}.{_slug('--name', name, contract, 1)}",
        file=file,
        owner=_owner(owner),
        compatibility=compat,
        registry=_registry(),
    )
    if dry_run:
        talk.result(described.write())
        return talk.end(Exit.PASS, "nothing was written", f"treaty init {shlex.quote(file)}")
    target = Path(project.FILE)
    if target.exists() and not force:
        raise click.UsageError(f"{target} exists; --force replaces it.")
    target.write_text(described.write(), encoding="utf-8")
    talk.result(
        f"wrote {target}: {described.contract}, {contract.title or 'untitled'} {contract.version}, "
        f"{contract.dialect}, {len(contract.operations)} operations"
    )
    for server in contract.servers[:5]:
        talk.say(f"server: {server}")
    _baseline(talk, contract)
    _create(talk, described, contract)
    return talk.end(
        Exit.PASS, f"{described.contract} is described", f"treaty publish {shlex.quote(file)}"
    )


def _baseline(talk: Talk, contract: Contract) -> None:
    found = validate(contract)
    path = Path(project.BASELINE)
    if not found:
        path.unlink(missing_ok=True)
        talk.say("no validation issues")
        return
    path.write_bytes(baseline.record(found).dump())
    talk.say(f"{len(found)} validation issues recorded as baseline in {path}; new ones will refuse")


def _create(talk: Talk, described: Project, contract: Contract) -> None:
    found = credentials.find(Path.cwd())
    if found is None:
        talk.say("not signed in: `treaty publish` will create the service and the contract")
        return
    try:
        with Client(found.url, found.token) as registry:
            made = publishing.ensure(registry, described, contract)
    except TreatyError as error:
        # The description is complete without the registry; publishing will say it again.
        talk.say(f"the registry was not told: {error.problem.detail}")
        return
    for thing in made:
        talk.say(f"created {thing} in {found.url}")


def _found() -> str:
    present = [name for name in _USUAL if Path(name).is_file()]
    if len(present) != 1:
        raise click.UsageError("Which contract? Name the FILE.")
    return present[0]


def _registry() -> str:
    try:
        found = credentials.find(Path.cwd())
    except TreatyError:
        return ""
    return found.url if found else ""


def _slug(option: str, given: str | None, contract: Contract, position: int) -> str:
    words = re.findall(r"[a-z][a-z0-9]*", contract.title.lower())
    noise = {"api", "openapi", "the", "and", "of", "for", "rest", "http", "v1", "v2"}
    words = [word for word in words if word not in noise] or [Path.cwd().name.lower()]
    guess = words[0] if position == 0 else "-".join(words[1:3]) or "api"
    slug = given or guess
    if not SLUG.fullmatch(slug):
        raise click.BadParameter(f"{slug!r} is not a name like psa-projects", param_hint=option)
    return slug


def _owner(given: str | None) -> str:
    owner = given or _code_owner() or "owners"
    if not SLUG.fullmatch(owner):
        raise click.BadParameter(f"{owner!r} is not a name like delivery", param_hint="--owner")
    return owner


def _code_owner() -> str:
    for folder in (Path(), Path(".github"), Path("docs")):
        path = folder / "CODEOWNERS"
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")[:100_000]
            teams = re.findall(r"@[\w.-]+/([\w.-]+)", text)
            slug = teams[-1].lower().replace("_", "-").replace(".", "-") if teams else ""
            return slug if SLUG.fullmatch(slug) else ""
    return ""
