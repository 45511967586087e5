"""Linting over HTTP: a version, or a draft of the next one, by a shipped ruleset or one's own."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts import catalog
from contracts.errors import TreatyError
from contracts.lint.render import FORMS, render
from registry.api.forms import Form, chosen, described, respond
from registry.api.wire import ContractPath, In, Line, Text, VersionPath, problems
from registry.deps import SECURITY, Stepwise
from registry.services import linting
from registry.services.linting import DEFAULT, Asked

router = APIRouter(prefix="/v1/contracts", tags=["reports"], dependencies=SECURITY)
_OFFERED = tuple(form for form in Form if form.value in FORMS)
_PATH = "/{contract}/versions/{version}/lint"
Name = Literal["default", "spectral:oas", "treaty:governance", "treaty:owasp"]


class LintIn(In):
    """What to lint otherwise than the version by a shipped ruleset."""

    content: Text | None = Field(default=None, description="A draft; default: the version's text.")
    source: Line = Field(default="contract.yaml", description="The file name that results show.")
    rules: Annotated[Text, Field(max_length=1_000_000)] | None = Field(
        default=None, description="A ruleset in Spectral's format; it may extend shipped ones."
    )


class Ruled(BaseModel):
    """By which ruleset, and in which form."""

    model_config = ConfigDict(extra="forbid")
    ruleset: Name | None = Field(
        default=None, description="A shipped ruleset; default: spectral:oas with treaty:governance."
    )
    format: Literal[Form.JSON, Form.MARKDOWN, Form.SARIF, Form.TEXT, Form.JUNIT] | None = Field(
        default=None, description="The form; default: by `Accept`."
    )


class LintOut(BaseModel):
    """What the linter found, the level that is reached, and where the result is kept."""

    model_config = ConfigDict(extra="allow")
    schema_version: str
    file: str
    passes: bool
    findings: list[dict[str, Any]]
    standing: dict[str, Any]
    unsupported: list[Any]
    permalink: str


_ANSWERS = described(LintOut, _OFFERED, "The findings")


@router.get(_PATH, operation_id="lintVersion", responses={**_ANSWERS, **problems(404)})
def lint_version(
    units: Stepwise,
    request: Request,
    contract: ContractPath,
    version: VersionPath,
    query: Annotated[Ruled, Query()],
) -> Response:
    """Lint a version by a shipped ruleset."""
    form = chosen(request, query.format, _OFFERED)
    return _answer(units, contract, version, Asked(query.ruleset or DEFAULT), form)


@router.post(_PATH, operation_id="lintDraft", responses={**_ANSWERS, **problems(404)})
def lint_draft(
    units: Stepwise,
    request: Request,
    contract: ContractPath,
    version: VersionPath,
    body: LintIn,
    query: Annotated[Ruled, Query()],
) -> Response:
    """Lint a draft of the next version, or this one by a ruleset of one's own."""
    form = chosen(request, query.format, _OFFERED)
    if query.ruleset and body.rules:
        raise TreatyError(catalog.INVALID_REQUEST, "Send `rules`, or name a `ruleset`; not both.")
    asked = Asked(
        ruleset=query.ruleset or DEFAULT,
        rules=body.rules.encode() if body.rules else None,
        draft=body.content.encode() if body.content else None,
        source=body.source or "contract.yaml",
    )
    return _answer(units, contract, version, asked, form)


def _answer(units: Stepwise, contract: str, version: str, asked: Asked, form: Form) -> Response:
    done = linting.run(units, contract, version, asked, fresh=form is not Form.JSON)
    link = f"/v1/reports/{done.id}"
    if done.judgement is None or form is Form.JSON:
        return respond(json.dumps({**done.content, "permalink": link}), form, link)
    return respond(render([done.judgement], form.value), form, link)
