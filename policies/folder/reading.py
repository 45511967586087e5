"""The files of a folder to the compiler's `Inputs`; every mistake with file, line and column.

Pure: the caller has read the files. `files` maps paths relative to the folder to their bytes.
"""

import difflib
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import ValidationError

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats import read as read_contract
from contracts.formats import yaml
from contracts.model import Contract
from contracts.problem import Detail
from policies.document import Policy
from policies.folder import documents
from policies.folder.documents import World
from policies.inputs import Deployed, Inputs
from policies.issuers import checked
from policies.load import load
from policies.snapshot import ApiKeyPlan, ApplicationPlan, GrantPlan, IssuerPlan, UsagePlan

SUFFIXES = (".yaml", ".yml", ".json")
_WORLD = frozenset(World.model_fields)
_OTHERS = frozenset({"openapi", "swagger", "asyncapi", "$schema", "keys"})
_LIKE_CONTRACT = re.compile(rb"""^\s*["']?(openapi|swagger|asyncapi)["']?\s*:""", re.MULTILINE)
_MAX_PROBLEMS = 50


@dataclass(slots=True)
class _Found:
    """What the files say, and where; `wrong` holds every mistake of the run."""

    worlds: list[tuple[Document, World]] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    wrong: list[Detail] = field(default_factory=list)
    unread: bool = False  # a file of the world is missing here: names may stand in it

    def each(self, name: str) -> Iterator[tuple[Document, str, object]]:
        """Yield (document, pointer, entry) of one list over all files."""
        for document, world in self.worlds:
            for index, entry in enumerate(getattr(world, name)):
                yield document, jp.join("", name, index), entry

    def fail(self, document: Document, pointer: str, sentence: str) -> None:
        """Keep a mistake and go on."""
        place = document.place(pointer)
        self.wrong.append(Detail(sentence, pointer, place.file, place.line, place.column))

    def once(self, seen: dict[str, str], what: str, document: Document, pointer: str) -> None:
        """Keep a mistake where `what` stands at two places."""
        if what in seen:
            self.fail(document, pointer, f"{what} stands at {seen[what]} too")
        seen[what] = str(document.place(pointer))


def inputs(files: Mapping[str, bytes]) -> Inputs:
    """Return what the folder says.

    Raises `TreatyError` (invalid-policy) that lists every mistake, or what a contract raises.
    """
    found = _Found()
    ours = [path for path in sorted(files) if path.endswith(SUFFIXES)]
    likely = {path for path in ours if _LIKE_CONTRACT.search(files[path])}
    for path in ours:
        if path not in likely:
            _sort(path, files[path], found)
    # What a deployment names is read there, as a contract and once; large ones take their time.
    for path in sorted(likely - set(_named(found))):
        _sort(path, files[path], found)
    result = _assembled(found, files)
    if found.wrong:
        first = found.wrong[0]
        raise TreatyError(
            catalog.INVALID_POLICY,
            f"{first.file}:{first.line}:{first.column}: {first.detail}",
            errors=tuple(found.wrong[:_MAX_PROBLEMS]),
        )
    return result


def _named(found: _Found) -> Iterator[str]:
    for document, _, entry in found.each("deployments"):
        path = _path(document, getattr(entry, "file", ""))
        if path is not None:
            yield path


def _sort(path: str, text: bytes, found: _Found) -> None:
    """Take a file for what it is: a contract or keys (read where named), policies, or a world."""
    try:
        parts = [part for part in yaml.parse_all(text, source=path) if part.root is not None]
        for part in parts:
            root = part.root
            if not isinstance(root, dict):
                found.fail(part, "", "a mapping is expected here")
            elif "policy" in root and part is parts[0]:
                found.policies += load(text, source=path)
                return
            elif "digest" in root and "schema_version" in root:
                return  # a snapshot that was compiled into its own folder
            elif not _WORLD.isdisjoint(root) or _OTHERS.isdisjoint(root):
                _world(part, found)
            elif part is parts[0]:
                return  # a contract, a schema or keys: read where they are named
            else:
                found.fail(part, "", "a contract, a schema or keys need a file of their own")
    except TreatyError as error:
        problem = error.problem
        found.unread = True
        found.wrong += problem.errors or [Detail(problem.detail, "", path, 1, 1)]


def _world(document: Document, found: _Found) -> None:
    try:
        # Positions come from our own parser, values from the same text.
        found.worlds.append((document, World.model_validate(_plain(document.root))))
    except ValidationError as error:
        found.unread = True
        known = tuple(World.model_fields)
        for cause in error.errors(include_input=False, include_url=False):
            location = cause["loc"]
            sentence = cause["msg"].removeprefix("Value error, ")
            if cause["type"] == "extra_forbidden" and len(location) == 1:
                near = difflib.get_close_matches(str(location[0]), known, 1)
                sentence = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
                sentence = f"`{str(location[0])[:80]}` is no part of a folder; {sentence}"
            found.fail(document, jp.join("", *location), sentence)


def _plain(root: object) -> object:
    """Return the value with dates as text and numbers as plain ones: pydantic judges them.

    `$schema` is for editors and says nothing.
    """
    value = json.loads(json.dumps(root, default=str))
    value.pop("$schema", None)
    return value


def _assembled(found: _Found, files: Mapping[str, bytes]) -> Inputs:
    deployed = tuple(_deployments(found, files))
    return Inputs(
        environment=_environment(found),
        deployments=deployed,
        policies=tuple(found.policies),
        applications=tuple(
            ApplicationPlan(id=entry.id, name=entry.name or entry.id, team=entry.team)
            for _, _, entry in found.each("applications")
            if isinstance(entry, documents.Application)
        ),
        api_keys=tuple(_keys(found)),
        plans=tuple(UsagePlan(name=entry.name, limits=entry.limits) for entry in _plans(found)),
        grants=tuple(_grants(found, deployed)),
        issuers=tuple(_issuers(found, files)),
    )


def _environment(found: _Found) -> str:
    named = [(d, w.environment) for d, w in found.worlds if w.environment is not None]
    for document, _ in named[1:]:
        at = named[0][0].place("/environment")
        found.fail(document, "/environment", f"the environment stands at {at} already")
    return named[0][1] or "local" if named else "local"


def _plans(found: _Found) -> Iterator[documents.Plan]:
    seen: dict[str, str] = {}
    for document, pointer, entry in found.each("plans"):
        if isinstance(entry, documents.Plan):
            found.once(seen, f"the plan {entry.name!r}", document, pointer)
            yield entry


def _keys(found: _Found) -> Iterator[ApiKeyPlan]:
    seen: dict[str, str] = {}
    for document, pointer, entry in found.each("applications"):
        if not isinstance(entry, documents.Application):
            continue
        found.once(seen, f"the application {entry.id!r}", document, pointer)
        for index, key in enumerate(entry.keys):
            at = f"{pointer}/keys/{index}"
            found.once(seen, f"the key {key.sha256}", document, at)
            yield ApiKeyPlan(
                digest=key.sha256, application=entry.id, expires_at=_epoch(key.expires)
            )


def _grants(found: _Found, deployed: tuple[Deployed, ...]) -> Iterator[GrantPlan]:
    contracts = {getattr(entry, "contract", "") for _, _, entry in found.each("deployments")}
    applications = {getattr(entry, "id", "") for _, _, entry in found.each("applications")}
    plans = {getattr(entry, "name", "") for _, _, entry in found.each("plans")}
    for document, pointer, entry in found.each("grants"):
        if not isinstance(entry, documents.Grant):
            continue
        for member, known in (
            ("application", applications),
            ("contract", contracts),
            ("plan", plans),
        ):
            name = getattr(entry, member)
            if name not in known and not found.unread:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                found.fail(document, f"{pointer}/{member}", f"there is no {member} {name!r}{hint}")
        here = {each.version for each in deployed if each.contract_id == entry.contract}
        if entry.version is not None and here and entry.version not in here:
            sentence = f"no version {entry.version!r} is deployed; it is {', '.join(sorted(here))}"
            found.fail(document, f"{pointer}/version", sentence)
        yield GrantPlan(
            application=entry.application,
            contract=entry.contract,
            plan=entry.plan,
            scopes=entry.scopes,
            expires_at=_epoch(entry.expires),
            version=entry.version,
        )


def _issuers(found: _Found, files: Mapping[str, bytes]) -> Iterator[IssuerPlan]:
    for number, (document, pointer, entry) in enumerate(found.each("issuers"), 1):
        if not isinstance(entry, documents.Issuer):
            continue
        jwks: object = entry.jwks
        if entry.jwks_file is not None:
            at = f"{pointer}/jwks_file"
            text = _file(found, files, document, at, entry.jwks_file)
            if text is None:
                continue
            try:
                jwks = json.loads(text)
            except ValueError:
                found.fail(document, at, "the file is not JSON")
                continue
        jwks = {"keys": []} if jwks is None else jwks
        if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
            found.fail(document, pointer, "its keys are no JWK Set (RFC 7517 section 5)")
            continue
        plan = IssuerPlan(
            name=entry.name or f"issuer-{number}",
            issuer=entry.issuer,
            audience=entry.audience,
            algorithms=entry.algorithms,
            jwks={"keys": jwks["keys"]},
            jwks_uri=entry.jwks_uri,
            discovery=entry.discovery,
            introspection=entry.introspection,
            max_age_seconds=entry.max_age_seconds,
        )
        try:
            checked((plan,))
        except TreatyError as error:
            found.fail(document, pointer, error.problem.detail)
        yield plan


def _deployments(found: _Found, files: Mapping[str, bytes]) -> Iterator[Deployed]:
    known: dict[str, Contract] = {}
    for document, pointer, entry in found.each("deployments"):
        if not isinstance(entry, documents.Deployment):
            continue
        path = _path(document, entry.file)
        text = _file(found, files, document, f"{pointer}/file", entry.file)
        if text is None or path is None:
            continue
        try:
            contract = known.get(path) or read_contract(text, source=path)
        except TreatyError as error:
            problem = error.problem
            found.wrong += problem.errors or [Detail(problem.detail, "", path, 1, 1)]
            continue
        known[path] = contract
        yield Deployed(
            contract_id=entry.contract,
            version=entry.version or contract.version,
            contract=contract,
            state=entry.state,
            base_path=entry.base_path.rstrip("/"),
            upstream=entry.upstream,
            timeout_seconds=entry.timeout_seconds,
            deprecated_at=_epoch(entry.deprecated),
            sunset_at=_epoch(entry.sunset),
            successor=entry.successor,
            routing=entry.routing,
            place=str(document.place(pointer)),
        )


def _path(document: Document, named: str) -> str | None:
    """Return the path below the folder that a file names relative to itself; None outside of it."""
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(document.source), named))
    return None if whole.startswith(("../", "/")) or whole == ".." else whole


def _file(
    found: _Found, files: Mapping[str, bytes], document: Document, pointer: str, named: str
) -> bytes | None:
    path = _path(document, named)
    text = None if path is None else files.get(path)
    if path is None:
        found.fail(document, pointer, "the file lies outside the folder")
    elif text is None:
        found.fail(document, pointer, f"there is no file {path!r} in the folder")
    return text


def _epoch(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
