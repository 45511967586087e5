"""The files of a folder to the compiler's `Inputs`; every mistake with file, line and column.

Pure: the caller has read the files. `files` maps paths relative to the folder to their bytes.
"""

import difflib
import json
import posixpath
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
_CONTRACTS = frozenset({"openapi", "swagger", "asyncapi", "$schema", "keys"})
_MAX_PROBLEMS = 50


@dataclass(slots=True)
class _Found:
    """What the files say, and where; `wrong` holds every mistake of the run."""

    worlds: list[tuple[Document, World]] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    wrong: list[Detail] = field(default_factory=list)

    def each(self, name: str) -> Iterator[tuple[Document, str, object]]:
        """Yield (document, pointer, entry) of one list over all files."""
        for document, world in self.worlds:
            for index, entry in enumerate(getattr(world, name)):
                yield document, jp.join("", name, index), entry

    def fail(self, document: Document, pointer: str, sentence: str) -> None:
        """Keep a mistake and go on."""
        place = document.place(pointer)
        self.wrong.append(Detail(sentence, pointer, place.file, place.line, place.column))


def inputs(files: Mapping[str, bytes]) -> Inputs:
    """Return what the folder says.

    Raises `TreatyError` (invalid-policy) that lists every mistake, or what a contract raises.
    """
    found = _Found()
    for path in sorted(files):
        if path.endswith(SUFFIXES):
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


def _sort(path: str, text: bytes, found: _Found) -> None:
    """Take a file for what it is: a contract or keys (read where named), policies, or a world."""
    try:
        first = next(iter(yaml.parse_all(text, source=path)), None)
        root = first.root if first is not None else None
        if first is None or root is None:
            return
        if not isinstance(root, dict):
            found.fail(first, "", "a mapping is expected here")
        elif "digest" in root and "schema_version" in root:
            return  # a snapshot that was compiled into its own folder
        elif _CONTRACTS.isdisjoint(root):
            if "policy" in root:
                found.policies += load(text, source=path)
            else:
                _world(first, found)
    except TreatyError as error:
        problem = error.problem
        found.wrong += problem.errors or [Detail(problem.detail, "", path, 1, 1)]


def _world(document: Document, found: _Found) -> None:
    try:
        # Positions come from our own parser, values from the same text.
        found.worlds.append((document, World.model_validate(_plain(document.root))))
    except ValidationError as error:
        known = tuple(World.model_fields)
        for cause in error.errors(include_input=False, include_url=False):
            location = cause["loc"]
            sentence = cause["msg"].removeprefix("Value error, ")
            if cause["type"] == "extra_forbidden" and len(location) == 1:
                near = difflib.get_close_matches(str(location[0]), known, 1)
                sentence = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
                sentence = f"`{str(location[0])[:80]}` is no part of a folder; {sentence}"
            found.fail(document, jp.join("", *location), sentence)


def _plain(value: object) -> object:
    """Return the value with dates as text and numbers as plain ones: pydantic judges them."""
    return json.loads(json.dumps(value, default=str))


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
        plans=tuple(
            UsagePlan(name=entry.name, limits=entry.limits)
            for _, _, entry in found.each("plans")
            if isinstance(entry, documents.Plan)
        ),
        grants=tuple(_grants(found, {each.contract_id for each in deployed})),
        issuers=tuple(_issuers(found, files)),
    )


def _environment(found: _Found) -> str:
    named = [(d, w.environment) for d, w in found.worlds if w.environment is not None]
    for document, _ in named[1:]:
        at = named[0][0].place("/environment")
        found.fail(document, "/environment", f"the environment stands at {at} already")
    return named[0][1] or "local" if named else "local"


def _keys(found: _Found) -> Iterator[ApiKeyPlan]:
    seen: dict[str, str] = {}
    for document, pointer, entry in found.each("applications"):
        if not isinstance(entry, documents.Application):
            continue
        if entry.id in seen:
            found.fail(
                document, pointer, f"the application {entry.id!r} stands at {seen[entry.id]} too"
            )
        seen[entry.id] = str(document.place(pointer))
        for key in entry.keys:
            yield ApiKeyPlan(
                digest=key.sha256, application=entry.id, expires_at=_epoch(key.expires)
            )


def _grants(found: _Found, contracts: set[str]) -> Iterator[GrantPlan]:
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
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                found.fail(document, f"{pointer}/{member}", f"there is no {member} {name!r}{hint}")
        yield GrantPlan(
            application=entry.application,
            contract=entry.contract,
            plan=entry.plan,
            scopes=entry.scopes,
            expires_at=_epoch(entry.expires),
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
