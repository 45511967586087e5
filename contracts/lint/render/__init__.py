"""Lint results as text, JSON, Markdown, HTML and for code hosts; called by the CLI and the registry."""

from collections.abc import Callable, Mapping, Sequence

from contracts.lint.judgement import Judgement
from contracts.lint.render import github, gitlab, html, json, junit, markdown, sarif, text

WIDTH = 80

Renderer = Callable[[Sequence[Judgement], bool, int], str]

FORMS: Mapping[str, Renderer] = {
    "text": text.render,
    "json": json.render,
    "markdown": markdown.render,
    "html": html.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "github": github.render,
    "gitlab": gitlab.render,
}


def render(
    judged: Sequence[Judgement], form: str, *, colour: bool = False, width: int = WIDTH
) -> str:
    """Return the results in one of `FORMS`, ending with a newline.

    `colour` and `width` (in columns) matter to text only. Raises `KeyError` for another form.
    """
    return FORMS[form](judged, colour, width)
