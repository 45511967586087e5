"""Reports in every form that people and tools read; called by the command line and the registry."""

from collections.abc import Callable, Mapping

from contracts.render import github, gitlab, html, json, junit, markdown, sarif, text
from contracts.report import Report

WIDTH = 80

Renderer = Callable[[Report, bool, int], str]

FORMS: Mapping[str, Renderer] = {
    "text": text.render,
    "json": json.render,
    "markdown": markdown.render,
    "html": html.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "sarif": sarif.render,
    "junit": junit.render,
}


def render(report: Report, form: str, *, colour: bool = False, width: int = WIDTH) -> str:
    """Return the report in one of `FORMS`, ending with a newline.

    `colour` and `width` (in columns) matter to text only. Raises `KeyError` for another form.
    """
    return FORMS[form](report, colour, width)
