"""Where contract texts come from: a file, standard input, a git revision, the registry."""

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from contracts import catalog, formats
from contracts.errors import TreatyError
from contracts.formats.limits import Limits
from contracts.ids import CONTRACT_ID
from contracts.model import Contract
from registry.cli import credentials, git, project
from registry.cli.client import Client, segment

_LIMIT = Limits().max_bytes
_FILE_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Text:
    """A contract's bytes and the name under which findings point into it."""

    source: str
    content: bytes

    def contract(self) -> Contract:
        """Return the contract. Raises `TreatyError` when it cannot be read at all."""
        return formats.read(self.content, source=self.source)


def from_file(name: str) -> Text:
    """Return a file, or standard input for `-`. Raises `TreatyError` (document-too-large)."""
    if name == "-":
        return _bounded("stdin", sys.stdin.buffer.read(_LIMIT + 1))
    with Path(name).open("rb") as file:
        return _bounded(name, file.read(_LIMIT + 1))


def from_git(revision: str, path: str) -> Text:
    """Return a file of a git revision. Raises `TreatyError`."""
    return Text(f"{revision}:{path}", git.show(revision, path, limit=_LIMIT))


def from_registry(client: Client, contract: str, version: str = "latest") -> Text:
    """Return a published version as it was published. Raises `TreatyError`."""
    base = f"/v1/contracts/{segment(contract)}/versions/{segment(version)}"
    if version == "latest":
        version = str(client.get(base).json()["version"])
        base = f"/v1/contracts/{segment(contract)}/versions/{segment(version)}"
    return Text(f"{contract}@{version}", client.get(f"{base}/content").body)


def split_reference(text: str) -> tuple[str, str]:
    """Return contract id and version of `psa.projects` or `psa.projects@1.4.0`.

    Raises `BadParameter` (wrong usage) for other texts.
    """
    contract, _, version = text.partition("@")
    if not CONTRACT_ID.fullmatch(contract):
        raise click.BadParameter(f"{text!r} is not a contract id like psa.projects")
    return contract, version or "latest"


def from_anywhere(text: str) -> Text:
    """Return what OLD and `--against` name: a file, a contract id with or without version, `REV:path`."""
    if text == "-" or Path(text).is_file():
        return from_file(text)
    if text.lower().endswith(_FILE_ENDINGS) and ":" not in text:
        # `old.yaml` would read as a contract id; whoever writes it means a file.
        raise click.BadParameter(f"File {text!r} does not exist.")
    if CONTRACT_ID.fullmatch(text.partition("@")[0]):
        return _published(text)
    revision, colon, path = text.partition(":")
    if colon and path:
        return from_git(revision, path)
    raise click.BadParameter(
        f"{text!r} is neither a file, nor a contract id like psa.projects, nor REVISION:path"
    )


def predecessor(new: str) -> Text:
    """Return what a file is compared with when nobody says: its published version, else HEAD's."""
    path = Path(new)
    described = project.find(path.absolute().parent)
    if described and described.path.absolute() == path.absolute() and credentials.find(Path.cwd()):
        try:
            return _published(described.contract)
        except TreatyError as error:
            if error.problem.type.slug != catalog.NOT_FOUND.slug:
                raise
    if git.is_tracked(path.absolute()):
        folder = path.absolute().parent
        return Text(f"HEAD:{new}", git.show("HEAD", f"./{path.name}", limit=_LIMIT, folder=folder))
    raise click.UsageError(
        "Compared with what? Give --against a file, a contract id or REVISION:path."
    )


def _published(reference: str) -> Text:
    found = credentials.require(Path.cwd())
    with Client(found.url, found.token) as client:
        return from_registry(client, *split_reference(reference))


def _bounded(source: str, content: bytes) -> Text:
    if len(content) > _LIMIT:
        raise TreatyError(catalog.TOO_LARGE, f"{source} is over {_LIMIT} bytes.")
    return Text(source, content)
