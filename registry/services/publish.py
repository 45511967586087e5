"""Publishing: read, validate, compare, agree on the version, store; all of it or nothing."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select

from contracts import catalog
from contracts.compat import semver
from contracts.compat.mode import Mode
from contracts.compat.run import compare
from contracts.errors import TreatyError
from contracts.model import Contract
from contracts.problem import Detail
from contracts.validate import Issue, validate
from registry.db.models import Content, ContractRow, Service, VersionRow
from registry.permissions import Permission
from registry.services import gate, reports, waivers
from registry.services.judging import Judgement, Terms, history, judge, read_as, terms_of
from registry.services.reading import contract_of
from registry.services.work import Work

_MAX_VERSION = 64


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did: the version, the judgement against the one before, and known issues."""

    version: VersionRow
    judgement: Judgement | None
    issues: tuple[Issue, ...]
    unchanged: bool
    report: str | None = None  # the name under which the judgement is kept


@dataclass(frozen=True, slots=True)
class Submission:
    """A text handed in for publishing."""

    content: bytes
    source: str
    version: str | None = None
    baseline: bool = False
    allow_breaking_reason: str | None = None


def publish(work: Work, contract_id: str, submission: Submission) -> Publication:
    """Store a new version.

    Raises `TreatyError`: what reading raises; invalid-contract, version-exists, breaking-change,
    invalid-request (no version anywhere), forbidden, not-found.
    """
    # Two that publish at once take turns; the second one sees what the first one stored.
    row = work.get(ContractRow, contract_id, "contract", lock=True)
    service = work.get(Service, row.service, "service")
    work.require(Permission.CONTRACT_PUBLISH, service.owner)
    contract = read_as(row.format, contract_id, submission.content, submission.source)
    version = _stated_version(contract, submission)
    known = work.session.get(VersionRow, (contract_id, version))
    if known is not None:
        return _again(work, known, contract)
    previous = latest(work, contract_id)
    issues = _validated(contract, previous, submission)
    terms = terms_of(row)
    earlier = history(work, previous, terms.mode) if previous else []
    judgement = _judged(work, row, earlier, contract, version, submission) if earlier else None
    stored = _store(work, row, contract, version, submission, judgement, issues)
    kept = _keep(work, earlier, contract, terms, judgement, version) if judgement else None
    if not row.title:
        row.title = contract.title[:200]
    work.record(
        "contract.published", f"{contract_id}@{version}", digest=contract.digest,
        verdict=judgement.report.verdict.value if judgement else None,
        allowed=submission.allow_breaking_reason,
    )  # fmt: skip
    return Publication(stored, judgement, issues, unchanged=False, report=kept)


def latest(work: Work, contract_id: str) -> VersionRow | None:
    """Return the version that was published last."""
    query = select(VersionRow).where(VersionRow.contract == contract_id)
    return work.session.scalars(query.order_by(VersionRow.sequence.desc()).limit(1)).first()


def before(work: Work, version: VersionRow) -> VersionRow | None:
    """Return the version that was published before another one."""
    query = select(VersionRow).where(
        VersionRow.contract == version.contract, VersionRow.sequence < version.sequence
    )
    return work.session.scalars(query.order_by(VersionRow.sequence.desc()).limit(1)).first()


def find(work: Work, contract_id: str, version: str) -> VersionRow:
    """Return a version by name or `latest`. Raises `TreatyError` (not-found)."""
    work.require(Permission.CATALOG_READ)
    work.get(ContractRow, contract_id, "contract")
    if version == "latest":
        row = latest(work, contract_id)
        if row is None:
            raise TreatyError(catalog.NOT_FOUND, f"{contract_id} has no version yet.")
        return row
    return work.get(VersionRow, (contract_id, version), "version")


def check(
    work: Work, contract_id: str, content: bytes, source: str, against: str
) -> dict[str, object]:
    """Return the judgement of a text against a stored version; store nothing."""
    old = find(work, contract_id, against)
    row = work.get(ContractRow, contract_id, "contract")
    terms = terms_of(row)
    new = read_as(row.format, contract_id, content, source)
    return _judge(work, history(work, old, terms.mode), new, terms).as_json()


def _stated_version(contract: Contract, submission: Submission) -> str:
    version = submission.version or contract.version
    if (
        not version
        or len(version) > _MAX_VERSION
        or not all(c.isalnum() or c in ".-+_" for c in version)
    ):
        raise TreatyError(
            catalog.INVALID_REQUEST,
            "The contract states no usable version; write `info.version`, or send `version`.",
            errors=(Detail("a version like 2.1.0 is needed", "/version"),),
        )
    if version == "latest":
        raise TreatyError(catalog.INVALID_REQUEST, "`latest` is not a version.")
    return version


def _again(work: Work, known: VersionRow, contract: Contract) -> Publication:
    if known.digest == contract.digest:
        return Publication(known, None, (), unchanged=True)
    newest = latest(work, known.contract) or known
    report = compare(contract_of(work, newest), contract)
    suggestion = semver.required(newest.version, known.version, report).suggestion
    raise TreatyError(
        catalog.VERSION_EXISTS,
        f"{known.contract} {known.version} exists with other content; versions never change. "
        f"This change would be {suggestion}.",
        suggested_version=suggestion,
        report=report.as_json(),
    )


def _validated(
    contract: Contract, previous: VersionRow | None, submission: Submission
) -> tuple[Issue, ...]:
    issues = validate(contract)
    recorded = previous.baseline if previous and not submission.baseline else []
    known = {str(issue["fingerprint"]) for issue in recorded}
    new = [issue for issue in issues if issue.fingerprint not in known]
    if new and not submission.baseline:
        count = f"{len(new)} new" if known else str(len(new))
        raise TreatyError(
            catalog.INVALID_CONTRACT,
            f"{submission.source} has {count} validation issues; the first: {new[0].message} "
            "A document that cannot be mended can be published with its issues as a baseline.",
            errors=tuple(_issue_detail(issue) for issue in new[:50]),
        )
    return issues


def _issue_detail(issue: Issue) -> Detail:
    place = issue.place
    return Detail(issue.message, place.pointer, place.file, place.line, place.column)


def _judged(
    work: Work,
    row: ContractRow,
    earlier: list[VersionRow],
    contract: Contract,
    version: str,
    submission: Submission,
) -> Judgement:
    terms = terms_of(row)
    judgement = _judge(work, earlier, contract, terms)
    broken = gate.broken(judgement, version, terms.profile)
    if Mode(row.compatibility) is Mode.NONE or not broken:
        return judgement
    if submission.allow_breaking_reason:
        work.require(Permission.CONTRACT_ADMIN)
        return judgement
    newest = latest(work, row.id) or earlier[0]
    raise gate.refusal(judgement, broken, newest.version, version, terms.profile)


def _keep(
    work: Work,
    earlier: list[VersionRow],
    contract: Contract,
    terms: Terms,
    judgement: Judgement,
    version: str,
) -> str:
    allowed, on = waivers.standing(work, earlier[0].contract), work.now().date()
    question = reports.question(
        "compatibility", earlier[0].contract, earlier, contract, version,
        terms=terms, waivers=allowed, on=on,
    )  # fmt: skip
    return reports.keep(work, question, judgement.as_json(), publication=version).id


def _judge(work: Work, earlier: list[VersionRow], new: Contract, terms: Terms) -> Judgement:
    olds = ((row.version, partial(contract_of, work, row)) for row in earlier)
    allowed = waivers.standing(work, earlier[0].contract)
    return judge(olds, new, terms, allowed, work.now().date())


def _store(
    work: Work,
    row: ContractRow,
    contract: Contract,
    version: str,
    submission: Submission,
    judgement: Judgement | None,
    issues: tuple[Issue, ...],
) -> VersionRow:
    session = work.session
    if session.get(Content, contract.digest) is None:
        source = submission.source[:200]
        session.add(Content(digest=contract.digest, source=source, text=submission.content))
        session.flush()
    last = session.scalar(
        select(func.max(VersionRow.sequence)).where(VersionRow.contract == row.id)
    )
    stored = VersionRow(
        contract=row.id,
        version=version,
        sequence=(last or 0) + 1,
        digest=contract.digest,
        state="published",
        report=judgement.as_json() if judgement else None,
        baseline=[issue.as_json() for issue in issues],
        published_at=work.now(),
        published_by=work.actor.label,
    )
    session.add(stored)
    session.flush()
    return stored
