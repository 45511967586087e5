"""Lint results as the machine interface: one object, or a list of them for several documents."""

import json
from collections.abc import Sequence

from contracts.lint.judgement import Judgement


def render(judged: Sequence[Judgement], colour: bool, width: int) -> str:  # noqa: ARG001  # one signature for all forms
    """Return `Judgement.as_json()` for one document, `{"documents": […]}` for several."""
    objects = [each.as_json() for each in judged]
    value: object = objects[0] if len(objects) == 1 else {"documents": objects}
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
