"""Judgements over HTTP: compatibility, differences and changelogs of versions, and stored reports."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from contracts import changelog as telling
from contracts import readback, render
from contracts.compat.mode import Mode, Policy, Profile
from contracts.render.changelog import FORMS as CHANGELOGS
from registry.api.forms import Form, chosen, described, respond
from registry.api.wire import (
    ContractPath,
    In,
    Line,
    Moment,
    Numbered,
    Out,
    PageOut,
    Slug,
    Text,
    VersionName,
    VersionPath,
    problems,
)
from registry.db.models import ContractRow, ReportRow
from registry.deps import SECURITY, Reading, Stepwise
from registry.permissions import Permission
from registry.services import comparing, reports
from registry.services.comparing import Asked
from registry.services.listing import page

router = APIRouter(prefix="/v1", tags=["reports"], dependencies=SECURITY)
_VERSION = "/contracts/{contract}/versions/{version}"
ReportPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_CHANGELOG_FORMS = tuple(form for form in Form if form.value in CHANGELOGS)


class DraftIn(In):
    """A text to judge."""

    content: Text = Field(description="The contract, YAML or JSON, at most 25 MB.")
    source: Line = Field(default="contract.yaml", description="The file name that reports show.")


class Terms(BaseModel):
    """What is asked; everything is as the contract has it unless it is named."""

    model_config = ConfigDict(extra="forbid")
    mode: Mode | None = Field(default=None, description="What the next version must keep.")
    profile: Profile | None = Field(
        default=None, description="Whose rules decide about a JSON Schema."
    )
    policy: Policy | None = Field(default=None, description="How open content models are read.")
    consumer: Slug | None = Field(
        default=None, description="Judge for this application: its own waivers count too."
    )
    format: Form | None = Field(default=None, description="The form; default: by `Accept`.")

    def asked(self) -> Asked:
        """Return the question without its form."""
        return Asked(self.mode, self.profile, self.policy, self.consumer)


class Between(Terms):
    """What is asked of two stored versions."""

    against: VersionName | None = Field(
        default=None,
        description="The earlier version, or `latest`; default: the one published before.",
    )


class Since(BaseModel):
    """Which changes to tell."""

    model_config = ConfigDict(extra="forbid")
    since: VersionName | None = Field(
        default=None,
        alias="from",
        description="The earlier version; default: the one published before.",
    )
    format: Literal[Form.JSON, Form.MARKDOWN, Form.HTML, Form.TEXT] | None = Field(
        default=None, description="The form; default: by `Accept`."
    )


class Shown(BaseModel):
    """The form of a stored report."""

    model_config = ConfigDict(extra="forbid")
    format: Form | None = Field(default=None, description="The form; default: by `Accept`.")


class TowardsOut(BaseModel):
    """The judgement towards one earlier version; `breaking` holds fingerprints of findings."""

    version: str
    verdict: str
    required_bump: str
    breaking: list[str]


class JudgementOut(BaseModel):
    """The machine interface's report (docs/machine-interface.md), and where it is kept."""

    model_config = ConfigDict(extra="allow")
    schema_version: str
    verdict: Literal["compatible", "breaking", "undecided"]
    required_bump: Literal["none", "patch", "minor", "major"]
    old_version: str
    new_version: str
    findings: list[dict[str, Any]]
    stats: dict[str, float]
    history: list[TowardsOut]
    permalink: str


class ChangelogOut(BaseModel):
    """What changed, by kind."""

    schema_version: str
    old_version: str
    new_version: str
    required_bump: str
    sections: list[dict[str, Any]]


class ReportOut(Out):
    """A stored report without its findings."""

    seq: int
    id: str
    kind: str
    contract: str
    old_version: str | None
    old_digest: str | None
    new_version: str
    new_digest: str
    publication: str | None
    engine: str
    mode: str | None
    profile: str | None
    policy: str | None
    consumer: str | None
    ruleset: str | None
    verdict: str
    judged_on: date
    created_at: Moment
    created_by: str


class ReportQuery(Numbered):
    """Filters of the report list."""

    kind: Literal["compatibility", "diff", "lint"] | None = None


@router.post(
    _VERSION + "/compatibility",
    operation_id="judgeDraft",
    responses={**described(JudgementOut, tuple(Form), "The judgement"), **problems(404, 409)},
)
def judge_draft(
    units: Stepwise,
    request: Request,
    contract: ContractPath,
    version: VersionPath,
    body: DraftIn,
    query: Annotated[Terms, Query()],
) -> Response:
    """Judge a text as the next version after this one.

    A transitive mode judges it against all earlier versions that are not retired, too.
    """
    form = chosen(request, query.format, tuple(Form))
    stored = comparing.draft(
        units, contract, version, body.content.encode(), body.source or "contract.yaml",
        query.asked(),
    )  # fmt: skip
    return _judgement(stored.id, stored.content, form)


@router.get(
    _VERSION + "/compatibility",
    operation_id="judgeVersion",
    responses={**described(JudgementOut, tuple(Form), "The judgement"), **problems(404, 409)},
)
def judge_version(
    units: Stepwise,
    request: Request,
    contract: ContractPath,
    version: VersionPath,
    query: Annotated[Between, Query()],
) -> Response:
    """Judge this version as the next one after an earlier one."""
    form = chosen(request, query.format, tuple(Form))
    stored = comparing.versions(
        units, "compatibility", contract, version, query.against, query.asked()
    )
    return _judgement(stored.id, stored.content, form)


@router.get(
    _VERSION + "/diff",
    operation_id="diffVersions",
    responses={**described(JudgementOut, tuple(Form), "All findings"), **problems(404, 409)},
)
def diff_versions(
    units: Stepwise,
    request: Request,
    contract: ContractPath,
    version: VersionPath,
    query: Annotated[Between, Query()],
) -> Response:
    """Show every difference between an earlier version and this one."""
    form = chosen(request, query.format, tuple(Form))
    stored = comparing.versions(units, "diff", contract, version, query.against, query.asked())
    return _judgement(stored.id, stored.content, form)


@router.get(
    _VERSION + "/changelog",
    operation_id="changelog",
    responses={**described(ChangelogOut, _CHANGELOG_FORMS, "The changes"), **problems(404)},
)
def changelog(
    units: Stepwise,
    request: Request,
    contract: ContractPath,
    version: VersionPath,
    query: Annotated[Since, Query()],
) -> Response:
    """Tell what changed from an earlier version to this one, in sentences."""
    form = chosen(request, query.format, _CHANGELOG_FORMS)
    stored = comparing.versions(units, "diff", contract, version, query.since, Asked())
    told = CHANGELOGS[form.value](telling.of(readback.report(stored.content)), render.WIDTH)
    return respond(told, form, f"/v1/reports/{stored.id}")


@router.get(
    "/reports/{report}",
    operation_id="getReport",
    responses={
        **described(dict[str, Any], tuple(Form), "The report as it was stored"),
        **problems(404),
    },
)
def get_report(
    work: Reading, request: Request, report: ReportPath, query: Annotated[Shown, Query()]
) -> Response:
    """Read a stored report at its permanent address."""
    row = reports.find(work, report)
    # What the linter said is kept as data only; `…/lint` has its other forms.
    offered = (Form.JSON,) if row.kind == "lint" else tuple(Form)
    return _judgement(row.id, row.content, chosen(request, query.format, offered))


@router.get("/contracts/{contract}/reports", operation_id="listReports", responses=problems(404))
def list_reports(
    work: Reading, contract: ContractPath, query: Annotated[ReportQuery, Query()]
) -> PageOut[ReportOut]:
    """List the stored reports of a contract, newest first."""
    work.require(Permission.CATALOG_READ)
    work.get(ContractRow, contract, "contract")
    found = select(ReportRow).where(ReportRow.contract == contract)
    if query.kind:
        found = found.where(ReportRow.kind == query.kind)
    rows = page(
        work.session, found, ReportRow.seq,
        limit=query.limit, cursor=query.cursor, descending=True,
    )  # fmt: skip
    return PageOut[ReportOut].model_validate(rows, from_attributes=True)


def _judgement(name: str, content: Mapping[str, Any], form: Form) -> Response:
    link = f"/v1/reports/{name}"
    if form is Form.JSON:
        return respond(json.dumps({**content, "permalink": link}), form, link)
    return respond(render.render(readback.report(content), form.value), form, link)
